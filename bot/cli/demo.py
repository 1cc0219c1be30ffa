"""`vaxtext demo`: web, worker and Redis together, with people who never lived."""

import os
import socket
import sys
from urllib.error import URLError
from urllib.request import urlopen

import click
from rich.console import Console
from rich.table import Table

from bot.cli.started import completed_settings, in_words, ping
from bot.config import DEMO_REGISTRY, Settings
from bot.flow_folder import open_flow
from bot.iis.demo_people import demo_people
from bot.processes import run_all
from bot.store.embedded import EmbeddedRedis


@click.command()
def demo() -> None:
    """Run everything on this machine until Ctrl-C."""
    settings = completed_settings()
    if not settings.demo:
        raise click.ClickException("ENVIRONMENT is not demo. Start web and worker as in the Procfile.")
    with in_words():
        open_flow(settings.flow)
        _refuse_a_taken_port(settings.port)
        if settings.redis_url:
            ping(settings)
            sys.exit(_run(settings, settings.redis_url))
        with EmbeddedRedis(settings.data_dir / "redis") as server:
            sys.exit(_run(settings, server.url))


def _run(settings: Settings, redis_url: str) -> int:
    commands = {
        "web": [sys.executable, "-m", "gunicorn", "--log-level", "warning", "app:app"],
        "worker": [sys.executable, "-m", "bot.cli", "worker"],
    }
    env = {**os.environ, "REDIS_URL": redis_url}
    return run_all(commands, env=env, ready=lambda: _ready(settings), on_ready=lambda: _welcome(settings))


def _refuse_a_taken_port(port: int) -> None:
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            text = f"PORT {port} is in use, perhaps by another demo. Choose another: PORT={port + 1} make run"
            raise click.ClickException(text) from None


def _ready(settings: Settings) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{settings.port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _welcome(settings: Settings) -> None:
    console = Console()
    if settings.iis_url.endswith(DEMO_REGISTRY):
        console.print(_people())
    console.print(f"\nThe phone page: [bold]http://127.0.0.1:{settings.port}/phone[/bold]")
    console.print("Choose a person there, say hello, and answer as she would. Ctrl-C ends everything.")
    console.print("In another terminal: . .venv/bin/activate, then vaxtext --help\n")


def _people() -> Table:
    table = Table(title="Demo people", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in ("Text from", "Name", "Born", "What it shows"):
        table.add_column(heading, no_wrap=heading != "What it shows")
    for person in demo_people():
        table.add_row(person.phone, person.record.name, f"{person.record.birth_date:%m/%d/%Y}", person.shows)
    return table
