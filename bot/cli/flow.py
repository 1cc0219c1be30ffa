"""`vaxtext flow ...`: for the staff who own the conversation."""

import sys
from pathlib import Path

import click

from bot.cli.lazy import LazyGroup
from bot.cli.started import settings_or_exit
from bot.conversation.actions import ACTIONS, STILL
from bot.conversation.answers import CHECKS
from bot.conversation.problems import counted
from bot.flow_folder import check_folder
from bot.vaccines import ALL, packaged_groups

COMMANDS = {
    "diff": "bot.cli.flow_diff:diff",
    "test": "bot.cli.flow_test:test",
    "new-language": "bot.cli.flow_translate:new_language",
    "export": "bot.cli.flow_translate:export",
    "import": "bot.cli.flow_translate:import_",
    "report": "bot.cli.flow_report:report",
}


@click.group(cls=LazyGroup, later=COMMANDS)
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
    click.echo(f"{folder}: {counted(problems)}.")
    if found is None:
        sys.exit(1)
    click.echo(f"{len(found.states)} states, languages {', '.join(found.languages)}.")


@flow.command("list")
def list_parts() -> None:
    """The checks, actions and vaccine groups that a flow may name."""
    click.echo("Checks, for states that ask:")
    for name, known in CHECKS.items():
        settings = f"; settings: {', '.join(known.settings)}" if known.settings else ""
        click.echo(f"  {name}: outcomes {', '.join(known.outcomes)}; retry texts {', '.join(known.errors)}{settings}")
    click.echo("Actions, for states that do:")
    for name, action in ACTIONS.items():
        click.echo(f"  {name}: needs {', '.join(action.needs)}; outcomes {', '.join((*action.outcomes, 'fault'))}")
        click.echo(f"    texts while it works: {', '.join(STILL)}; texts of its own: {', '.join(action.texts)}")
        for slot, added in action.may.items():
            click.echo(f"    may have {slot}" + (f"; then also {', '.join(added)}" if added else ""))
    click.echo(f"Vaccine groups: {', '.join(packaged_groups())}, or {ALL}")
