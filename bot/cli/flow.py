"""`vaxtext flow ...`: for the staff who own the conversation."""

import sys
from pathlib import Path

import click

from bot.cli.flow_diff import diff
from bot.cli.flow_report import report
from bot.cli.flow_test import test
from bot.cli.flow_translate import export, import_, new_language
from bot.cli.started import settings_or_exit
from bot.conversation.actions import ACTIONS
from bot.conversation.answers import CHECKS
from bot.flow_folder import check_folder


@click.group()
def flow() -> None:
    """Check and list the conversation's files."""


@flow.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def check(folder: Path | None) -> None:
    """Check the flow in FOLDER (default: the setting FLOW); exit status 1 on errors."""
    folder = folder or settings_or_exit().flow
    found, problems = check_folder(folder)
    for problem in problems:
        click.echo(problem)
    if found is None:
        sys.exit(1)
    languages = ", ".join(found.languages)
    click.echo(f"{folder}: no errors. {len(found.states)} states, languages {languages}.")


@flow.command("list")
def list_parts() -> None:
    """The checks and actions that a flow may name."""
    click.echo("Checks, for states that ask:")
    for name, known in CHECKS.items():
        settings = f"; settings: {', '.join(known.settings)}" if known.settings else ""
        click.echo(f"  {name}: outcomes {', '.join(known.outcomes)}; retry texts {', '.join(known.errors)}{settings}")
    click.echo("Actions, for states that do:")
    for name, action in ACTIONS.items():
        click.echo(f"  {name}: needs {', '.join(action.needs)}; outcomes {', '.join((*action.outcomes, 'fault'))}")
        for slot, added in action.may.items():
            click.echo(f"    may have {slot}" + (f"; then also {', '.join(added)}" if added else ""))


flow.add_command(diff)
flow.add_command(test)
flow.add_command(new_language)
flow.add_command(export)
flow.add_command(import_)
flow.add_command(report)
