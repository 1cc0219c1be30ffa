"""`vaxtext flow test`: whole conversations, held against the real app."""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import structlog

from bot.cli.started import in_words, settings_or_exit
from bot.conversation.flow_files import FLOW_FILE
from bot.transcripts.app import App, open_app
from bot.transcripts.coverage import coverage
from bot.transcripts.suite import Result, chats_in, run_chats


@click.command()
@click.argument("what", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER] [CHAT]...")
def test(what: tuple[Path, ...]) -> None:
    """Run the transcripts of the flow in FOLDER (default: the setting FLOW), or only each CHAT: a file, or its name.

    Exit status 1 if one goes differently.
    """
    folder, chats = _folder_and_chats(what)
    paths = [_file(folder, chat) for chat in chats] or chats_in(folder)
    with in_words(), without_log(), open_app(folder) as app:
        failed = _report(app, run_chats(app, paths), tell_missing=not chats)
    sys.exit(1 if failed else 0)


def _report(app: App, results: Iterable[Result], *, tell_missing: bool) -> int:
    """Print each as it comes, then the coverage; how many failed."""
    done: list[Result] = []
    for result in results:
        _print(result)
        done.append(result)
    failed = sum(bool(result.difference) for result in done)
    skipped = sum(bool(result.skipped) for result in done)
    click.echo(f"\n{len(done) - failed - skipped} ok, {failed} failed, {skipped} skipped. Coverage:")
    for part in coverage(app.flow, app.watch, (said for result in done for said in result.said)):
        click.echo(f"  {part if tell_missing else part.sentence}")
    return failed


def _print(result: Result) -> None:
    if result.difference:
        click.echo(f"FAILED   {result.file}")
        click.echo("".join(f"  {line}\n" for line in result.difference.splitlines()))
    elif result.skipped:
        click.echo(f"skipped  {result.file}: {result.skipped}")
    else:
        click.echo(f"ok       {result.file}")


def _folder_and_chats(what: tuple[Path, ...]) -> tuple[Path, tuple[Path, ...]]:
    if what and (what[0].is_dir() or what[0].name == FLOW_FILE):
        return (what[0] if what[0].is_dir() else what[0].parent), what[1:]
    return settings_or_exit().flow, what


def _file(folder: Path, chat: Path) -> Path:
    """The file itself, or the transcript of that name in the flow's folder."""
    named = folder / "chats" / f"{chat.name.removesuffix('.chat')}.chat"
    found = chat if chat.is_file() else named
    if not found.is_file():
        raise click.ClickException(f"there is no transcript {chat}, nor {named}")
    return found


@contextmanager
def without_log() -> Iterator[None]:
    """What the app would write into its log would drown what is printed here."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
