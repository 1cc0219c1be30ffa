"""`vaxtext flow diff`: what publishing a change would do, before it is done."""

import sys
from pathlib import Path

import click
import redis

from bot.cli.started import completed_settings, in_words, redis_of
from bot.config import Settings
from bot.conversation.changes import Changes, compare, standings
from bot.conversation.flow import Flow
from bot.conversation.flow_files import check_flow
from bot.flow_folder import check_folder
from bot.store.naming import Names
from bot.store.sealing import KeyRing
from bot.store.sessions import RedisSessions
from bot.store.structures import RedisStructures


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def diff(folder: Path) -> None:
    """Compare FOLDER with the flow that is live, and count who stands where."""
    settings = completed_settings()
    new, problems = check_folder(folder)
    if new is None:
        for problem in problems:
            click.echo(problem)
        sys.exit(1)
    with in_words(), redis_of(settings) as client:
        _tell(settings, new, client)


def _tell(settings: Settings, new: Flow, client: redis.Redis) -> None:
    structures = RedisStructures(client)
    sessions = RedisSessions(
        client, settings.ring("secret_keys"), Names(KeyRing({}))
    )  # counts all, and looks nobody up
    files = structures.live()
    live = check_flow(files, "live")[0] if files else None
    click.echo(_changes(compare(live, new)) if live else "No flow is live yet.")
    people = standings(new, sessions.every(), structures.known())
    click.echo("People in the middle of it:" if people else "Nobody is in the middle of it.")
    for standing in people:
        click.echo(f"  {standing.people:>6}  {standing.state}: {standing.fate}")
    again = sum(standing.people for standing in people if standing.fate == "must start again")
    click.echo(f"{again} would have to start again.")


def _changes(changes: Changes) -> str:
    lines = [
        f"{what}: {', '.join(names)}"
        for what, names in (
            ("New states", changes.added),
            ("Removed states", changes.removed),
            ("Changed states", changes.changed),
            ("Changed vaccines", changes.vaccines),
            ("Vaccines shown from now on", changes.shown),
            *((f"Changed texts in {code}", names) for code, names in changes.texts.items()),
        )
        if names
    ]
    return "\n".join(lines) or "Nothing changes."
