"""`vaxtext chat`: the phone page in the terminal."""

import threading
from pathlib import Path

import click

from bot.cli.started import completed_settings
from bot.cli.twilio_side import PostRefused, TwilioSide
from bot.conversation.gsm7 import billed
from bot.delivery.console import read_outbox
from bot.iis.demo_people import demo_people
from bot.wiring import outbox_path


@click.command()
@click.option("--from", "sender", help="The phone that texts. Default: Ana's.")
@click.option("--url", help="A running demo. Default: PUBLIC_URL.")
def chat(sender: str | None, url: str | None) -> None:
    """Text with a running demo (`make run`); an empty line or Ctrl-D ends."""
    settings = completed_settings()
    sender = sender or demo_people()[0].phone
    address = (url or settings.public_url).rstrip("/")
    side = TwilioSide(address, address, settings.twilio_account_sid, settings.auth_tokens[0])
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(outbox_path(settings), sender, stop), daemon=True)
    watcher.start()
    click.echo(f"You text from {sender}. Say hello.")
    try:
        _talk(side, sender)
    finally:
        stop.set()
        watcher.join()


def _talk(side: TwilioSide, sender: str) -> None:
    while True:
        try:
            text = input("> ")
        except EOFError:
            return
        if not text:
            return
        try:
            reply = side.text(sender, text)
        except PostRefused as refused:
            raise click.ClickException(
                f"{refused}. Start the demo (make run), and give this command its PORT or --url."
            ) from None
        _show(reply)


def _watch(path: Path, sender: str, stop: threading.Event) -> None:
    """Print what is sent later; only what is new since the chat began."""
    known = len(read_outbox(path))
    while not stop.wait(0.3):
        lines = read_outbox(path)
        for line in lines[known:]:
            to = "" if line["to"] == sender else f" (to {line['to']})"
            _show(f"{line['body']}{to}" + (f"\n  [picture: {line['media_url']}]" if line["media_url"] else ""))
        known = len(lines)


def _show(reply: str | None) -> None:
    click.echo("< (silence)" if reply is None else f"< {reply}\n  ({billed(reply)})")
