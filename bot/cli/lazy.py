"""A group of commands that loads the one that is called: the others bring a database and a web server along."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """`later`: names of commands and where they are, such as "bot.cli.work:worker"."""

    def __init__(self, *arguments: Any, later: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.later:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.later[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table of a group is wrong
        return command
