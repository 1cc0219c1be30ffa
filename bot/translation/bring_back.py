"""Brings a translators' table back into the text file, or says everything that is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.conversation.flow_files import FLOW_FILE, check_flow, read_states
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import FlowBroken, Path, Problem, Source, did_you_mean
from bot.conversation.vaccine_rows import VACCINES_FILE
from bot.conversation.wording import blanks, fingerprint, most_segments
from bot.translation.edit import Value, edit
from bot.translation.rows import Row, from_cell, rows
from bot.translation.table import Cells, Table


@dataclass(frozen=True, slots=True)
class Brought:
    """The new text of the language's file, and what to tell."""

    path: str  # "text/es.yaml"
    text: str
    changed: tuple[str, ...]  # names of rows
    untranslated: int
    older: tuple[str, ...]  # whose source has changed since the export


def bring_back(files: Mapping[str, str], table: Table) -> Brought:
    """`files` by path in the flow's folder. Raises FlowBroken with every problem; nothing is half done."""
    path = text_path(table.language)
    if path not in files:
        languages = sorted(name[5:-5] for name in files if name.startswith("text/"))
        nearest = did_you_mean(table.language, languages)
        raise FlowBroken([Problem(table.file, 1, 1, f"there is no language '{table.language}' {nearest}")])
    known = {row.name: row for row in rows_of(files, table.language)}
    problems = list(_table_problems(table, known))
    changes = {row.path: value for row, _, value in _changed(table, known)}
    text = edit(files[path], changes)
    if not problems:
        problems = list(_flow_problems(files, {**files, path: text}, table, known))
    if problems:
        raise FlowBroken(problems)
    return Brought(
        path=path,
        text=_recorded(text, table, known, changes),
        changed=tuple(".".join(path) for path in changes),
        untranslated=sum(not cells.translation.strip() and bool(cells.source) for cells in table.rows),
        older=tuple(cells.name for cells in table.rows if cells.source != known[cells.name].source),
    )


def rows_of(files: Mapping[str, str], language: str) -> list[Row]:
    """The rows of a language, beside the source. Raises FlowBroken if a file cannot be read."""
    flow = read_yaml(FLOW_FILE, files.get(FLOW_FILE, ""))
    languages, limits = flow.data.get("languages"), flow.data.get("limits")
    source = str(languages[0]) if isinstance(languages, list) and languages else "en"
    most = str(limits.get("segments", "2")) if isinstance(limits, dict) else "2"
    limit, states = int(most) if most.isdecimal() else 2, read_states(flow)[0].values()
    return rows(_read(files, source), _read(files, language), lambda name: most_segments(states, limit, name))


def text_path(language: str) -> str:
    return f"text/{language}.yaml"


def _read(files: Mapping[str, str], language: str) -> Source:
    return read_yaml(text_path(language), files.get(text_path(language), ""))


def _table_problems(table: Table, known: Mapping[str, Row]) -> Iterator[Problem]:
    """What is wrong with the rows themselves."""
    seen: dict[str, int] = {}
    for cells in table.rows:
        if cells.name not in known:
            yield _at(table, cells, f"no text named '{cells.name}' {did_you_mean(cells.name, known)}")
        elif cells.name in seen:
            yield _at(table, cells, f"'{cells.name}' is on line {seen[cells.name]} already; remove one")
        else:
            seen[cells.name] = cells.line
            yield from (_at(table, cells, f"{cells.name}: {text}") for text in _row_problems(cells, known[cells.name]))
    last = table.rows[-1].line if table.rows else 1
    for name in known:
        if name not in seen:
            yield Problem(table.file, last, 1, f"the row '{name}' is missing; put it back or export again")


def _row_problems(cells: Cells, row: Row) -> Iterator[str]:
    if cells.translation == row.translation:
        return
    if not cells.translation.strip():
        yield "the translation is gone; write it again"
        return
    here, there = set(blanks(row.source)), set(blanks(cells.translation))
    if row.source and (lost := here - there):
        yield f"{_named(lost)} must stay in the translation, letter by letter"
    if row.source and (new := there - here):
        yield f"{_named(new)} is not in the source {did_you_mean(min(new), here)}; take it out"


def _named(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def _changed(table: Table, known: Mapping[str, Row]) -> Iterator[tuple[Row, Cells, Value]]:
    """The rows whose translation is another one now."""
    for cells in table.rows:
        row = known.get(cells.name)
        if row and cells.translation.strip() and cells.translation != row.translation:
            yield row, cells, from_cell(row, cells.translation)


def _flow_problems(
    before: Mapping[str, str], after: Mapping[str, str], table: Table, known: Mapping[str, Row]
) -> Iterator[Problem]:
    """Every error of the flow that the table would bring, at the row that brings it."""
    mine = text_path(table.language)
    before, after = _without_drafts(before, mine), _without_drafts(after, mine)
    broken = [p for p in check_flow(before)[1] if p.level == "error" and p.file != mine]
    if broken:
        yield Problem(table.file, 1, 1, "the flow has errors of its own; mend them first: vaxtext flow check")
        yield from broken
        return
    before, after = _listed(before, table.language), _listed(after, table.language)
    old = {(problem.file, problem.text) for problem in check_flow(before)[1]}
    places = _places(read_yaml(mine, after[mine]), known)
    lines = {cells.name: cells for cells in table.rows if cells.translation.strip()}
    for problem in check_flow(after)[1]:
        if problem.level != "error":
            continue
        name = places.get((problem.line, problem.column), "") if problem.file == mine else ""
        if name in lines:
            yield _at(table, lines[name], problem.text)
        elif not name and (problem.file, problem.text) not in old:
            yield problem


def _without_drafts(files: Mapping[str, str], mine: str) -> dict[str, str]:
    """Other languages that are not live yet have no say."""
    listed = read_yaml(FLOW_FILE, files[FLOW_FILE]).data.get("languages")
    live = [text_path(str(code)) for code in listed] if isinstance(listed, list) else []
    return {path: text for path, text in files.items() if path in (FLOW_FILE, VACCINES_FILE, mine, *live)}


def _listed(files: Mapping[str, str], language: str) -> Mapping[str, str]:
    """The files with this language among those of the flow, so that its words are checked before it is live."""
    languages = read_yaml(FLOW_FILE, files[FLOW_FILE]).data.get("languages")
    if not isinstance(languages, list) or language in languages:
        return files
    return {**files, FLOW_FILE: edit(files[FLOW_FILE], {("languages",): [*languages, language]})}


def _places(source: Source, known: Mapping[str, Row]) -> dict[tuple[int, int], str]:
    """The row that each place of the file belongs to."""
    names: dict[Path, str] = {row.path: row.name for row in known.values()}
    found = {}
    for marks in (source.marks, source.key_marks):
        for path, mark in marks.items():
            name = next((names[path[:n]] for n in range(len(path), 1, -1) if path[:n] in names), "")
            if name:
                found[mark] = name
    return found


def _recorded(text: str, table: Table, known: Mapping[str, Row], changes: Mapping[Path, Value]) -> str:
    """The text with a note, for each translation, of the source that its translator saw."""
    noted = read_yaml("", text).data.get("translated")
    old = {str(name): str(print_) for name, print_ in noted.items()} if isinstance(noted, dict) else {}
    new: dict[str, Value] = {}
    for cells in table.rows:
        row, name = known[cells.name], record_name(known[cells.name].path)
        if not cells.translation.strip() or not row.source:
            continue
        fresh = row.path in changes or name not in old
        new[name] = fingerprint(cells.source) if fresh else old[name]
    return edit(text, {("translated",): new}) if new != old else text


def record_name(path: Path) -> str:
    """A text's name under `translated`: "ask_dob" for what is said, "page.title" for all else."""
    return path[1] if path[0] == "say" else ".".join(path)


def _at(table: Table, cells: Cells, text: str) -> Problem:
    return Problem(table.file, cells.line, 1, text)
