"""`vaxtext flow new-language`, `export` and `import`: words to translators and back."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.cli.started import settings_or_exit
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import FlowBroken
from bot.conversation.shape import LANGUAGE
from bot.flow_folder import read_folder
from bot.translation import table
from bot.translation.begin import begin
from bot.translation.bring_back import bring_back, rows_of, text_path

FOLDER = click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
LARGEST = 2 * 1024 * 1024  # bytes


@click.command("new-language")
@click.argument("code")
@FOLDER
@click.option("--name", required=True, help="What the language calls itself: Deutsch, 한국어.")
def new_language(code: str, folder: Path | None, name: str) -> None:
    """Begin the language CODE (de, zh-Hans) in the flow in FOLDER (default: the setting FLOW)."""
    folder = folder or settings_or_exit().flow
    path = folder / text_path(code)
    if not LANGUAGE.fullmatch(code):
        raise click.ClickException(f"'{code}' is no language code; write it like de, fil or zh-Hans")
    if path.exists():
        raise click.ClickException(f"{path} is there already; go on with: vaxtext flow export {code}")
    with _problems_told():
        files = read_folder(folder)
        try:
            text = begin(files[text_path(_source(files))], code, name)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
    _write(path, text)
    click.echo(f"""{path} is written; all its strings are marked as untranslated. Next:
  1. vaxtext flow export {code}, and give {code}.csv to translators.
     (Or write the translations into {path.name} yourself, and take the marks away.)
  2. vaxtext flow import {code}.csv
  3. Look at 'called' and 'date_order' in {path.name}: they are a first guess.
  4. When nothing is untranslated any more, add {code} to 'languages' and to the language menu in flow.yaml.
  5. vaxtext flow check, then vaxtext flow report for whoever signs.""")


@click.command("export")
@click.argument("code")
@FOLDER
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: CODE.csv in this directory.")
def export(code: str, folder: Path | None, out: Path | None) -> None:
    """Write the words of the language CODE beside their source, as CSV for a spreadsheet."""
    folder, out = folder or settings_or_exit().flow, out or Path(f"{code}.csv")
    if not (folder / text_path(code)).is_file():
        raise click.ClickException(f"{folder / text_path(code)} is missing; begin it: vaxtext flow new-language {code}")
    with _problems_told():
        files = read_folder(folder)
        found = rows_of(files, code)
        text = table.write(found, _source(files), code)
    _write(out, text)
    missing = sum(not row.translation for row in found)
    click.echo(f"{out}: {len(found)} rows, {missing} without a translation. Bring it back: vaxtext flow import {out}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@FOLDER
def import_(file: Path, folder: Path | None) -> None:
    """Bring the translations in FILE (from `export`) into the flow; nothing is written if anything is wrong."""
    folder = folder or settings_or_exit().flow
    with _problems_told():
        brought = bring_back(read_folder(folder), table.read(str(file), _text_of(file)))
    _write(folder / brought.path, brought.text)
    click.echo(f"{folder / brought.path}: {len(brought.changed)} changed, {brought.untranslated} still untranslated.")
    if brought.older:
        click.echo("The source has changed since the export of: " + ", ".join(brought.older))
    click.echo(f"Next: say in {Path(brought.path).name} who 'drafted' and who 'reviewed' it, then: vaxtext flow check")


def _source(files: dict[str, str]) -> str:
    languages = read_yaml("flow.yaml", files.get("flow.yaml", "")).data.get("languages")
    return str(languages[0]) if isinstance(languages, list) and languages else "en"


def _text_of(file: Path) -> str:
    with file.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise click.ClickException(f"{file} is larger than {LARGEST // 1024 // 1024} MB; that is no export of ours")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8 text; save it as 'CSV UTF-8'") from None


@contextmanager
def _problems_told() -> Iterator[None]:
    try:
        yield
    except FlowBroken as broken:
        for problem in broken.problems:
            click.echo(problem)
        click.echo("Nothing was written.")
        sys.exit(1)


def _write(path: Path, text: str) -> None:
    """All of it or nothing: a running server may read the file at any moment."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
