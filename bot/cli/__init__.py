"""The `vaxtext` command."""

from collections.abc import Sequence

import click

from bot.cli.chat import chat
from bot.cli.demo import demo
from bot.cli.flow import flow
from bot.cli.iis import iis
from bot.cli.keys import keys
from bot.cli.post import post
from bot.cli.work import worker


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vaxtext", prog_name="vaxtext")
def cli() -> None:
    """A state's digital COVID-19 vaccine record, by text message."""


for command in (demo, worker, chat, post, flow, iis, keys):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    cli(arguments)
