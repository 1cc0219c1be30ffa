"""The translators' table as CSV: written so that a spreadsheet opens it, read back with the line of each row."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.conversation.problems import FlowBroken, Problem
from bot.translation.rows import Row

BOM = "\ufeff"  # Excel takes a file without it for Latin-1
FORMULA = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet would compute; see OWASP, "CSV injection"
HEADER = re.compile(r"(source|translation) \(([A-Za-z-]{2,12})\)")


@dataclass(frozen=True, slots=True)
class Cells:
    """One row as it came back."""

    line: int
    name: str
    source: str
    translation: str


@dataclass(frozen=True, slots=True)
class Table:
    file: str
    language: str
    rows: tuple[Cells, ...]


def write(rows: Iterable[Row], source: str, language: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("name", f"source ({source})", f"translation ({language})", "note"))
    for row in rows:
        writer.writerow(_escaped(_lines(cell)) for cell in (row.name, row.source, row.translation, row.note))
    return BOM + out.getvalue()


def read(file: str, text: str) -> Table:
    """Raises FlowBroken with every line that is no row of the table."""
    found = list(_records(file, text.removeprefix(BOM)))
    line, header = found[0] if found else (1, [])
    titles = [HEADER.fullmatch(title.strip()) for title in header[1:3]]
    if len(titles) < 2 or header[0].strip() != "name" or not titles[1] or titles[1][1] != "translation":
        asked = "name, source (en), translation (es), note"
        raise FlowBroken([Problem(file, line, 1, f"the first line must be as it was exported: {asked}")])
    problems = [
        Problem(file, line, 1, f"this row has {len(cells)} columns, not 4; was a quote or a comma lost?")
        for line, cells in found[1:]
        if len(cells) not in (3, 4)
    ]
    if problems:
        raise FlowBroken(problems)
    rows = (Cells(line, *map(_unescaped, (cells[0].strip(), *cells[1:3]))) for line, cells in found[1:])
    return Table(file, titles[1][2], tuple(rows))


def _records(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [_lines(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise FlowBroken([Problem(file, line, 1, f"this is not CSV: {error}; export it as CSV UTF-8 again")]) from None


def _lines(cell: str) -> str:
    """Lines end as they do in our files, whatever the spreadsheet made of them."""
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _delimiter(text: str) -> str:
    """Spreadsheets in other countries write semicolons or tabs."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _escaped(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
