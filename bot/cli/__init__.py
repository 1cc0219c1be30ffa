"""The `vaxtext` command."""

from collections.abc import Sequence

import click

from bot.cli.lazy import LazyGroup

COMMANDS = {
    "audit": "bot.cli.audit:audit",
    "demo": "bot.cli.demo:demo",
    "worker": "bot.cli.work:worker",
    "chat": "bot.cli.chat:chat",
    "post": "bot.cli.post:post",
    "flow": "bot.cli.flow:flow",
    "funnel": "bot.cli.funnel:funnel",
    "iis": "bot.cli.iis:iis",
    "keys": "bot.cli.keys:keys",
    "limits": "bot.cli.limits:limits",
    "mail": "bot.cli.mail:mail",
    "verify": "bot.cli.verify:verify",
    "trust": "bot.cli.trust:trust",
    "twilio": "bot.cli.twilio:twilio",
}


@click.group(cls=LazyGroup, later=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vaxtext", prog_name="vaxtext")
def cli() -> None:
    """A state's digital COVID-19 vaccine record, by text message."""


def main(arguments: Sequence[str] | None = None) -> None:
    cli(arguments)
