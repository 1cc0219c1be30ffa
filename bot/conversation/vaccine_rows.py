"""Staff's own vaccine table: rows that add to the packaged one or replace rows of it, or what is wrong with them."""

import csv
import io
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.conversation.problems import Problem, did_you_mean
from bot.vaccines import NOT_A_DOSE, Vaccine, cvx_code, read_cvx, split_groups

VACCINES_FILE = "vaccines.csv"
COLUMNS = ("cvx", "product", "groups")
LARGEST = 256 * 1024  # characters
LONGEST_NAME = 60  # characters; what is longer fills a card's picture
SIGNS = {";": "semicolons", "\t": "tabs", "|": "strokes"}  # as spreadsheets in other countries write them
BOM = "\ufeff"  # spreadsheets begin a file with it

Line = tuple[int, list[str]]  # its number, from 1, and its cells


@dataclass(frozen=True, slots=True)
class VaccineRow:
    line: int
    file: str
    cvx: str
    vaccine: Vaccine

    def problem(self, text: str, *, level: str = "error") -> Problem:
        return Problem(self.file, self.line, 1, f"{self.cvx}: {text}", level)


def read_rows(file: str, text: str) -> tuple[tuple[VaccineRow, ...], list[Problem]]:
    """The rows that can be read, and every problem. A file without a row is sound."""
    if len(text) > LARGEST:
        return (), [Problem(file, 1, 1, f"the file is larger than {LARGEST // 1024} KB; keep only your own rows")]
    try:
        lines = list(_lines(text.removeprefix(BOM)))
    except csv.Error as error:
        return (), [Problem(file, 1, 1, f"this is not CSV: {error}; save it as CSV UTF-8 again")]
    if not lines:
        return (), []
    if problems := list(_header_problems(file, *lines[0])):
        return (), problems
    return _rows(file, [cell.strip() for cell in lines[0][1]], lines[1:])


def _lines(text: str) -> Iterator[Line]:
    """Lines that are not empty; a row may go over several, and has the number of the first."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield number, cells
        number = reader.line_num + 1


def _header_problems(file: str, line: int, cells: Sequence[str]) -> Iterator[Problem]:
    titles = [cell.strip() for cell in cells]
    if len(titles) == 1 and (sign := SIGNS.get(titles[0].strip(string.ascii_letters)[:1])):
        yield Problem(file, line, 1, f"{sign} stand between the cells; save it as CSV UTF-8 with commas between them")
        return
    for title in titles:
        if title not in COLUMNS:
            yield Problem(file, line, 1, f"unknown column '{title}' {did_you_mean(title, COLUMNS)}")
        elif titles.count(title) > 1:
            yield Problem(file, line, 1, f"the column '{title}' is there twice; remove one")
    for column in COLUMNS if {*titles} <= {*COLUMNS} else ():  # or it is the unknown one
        if column not in titles:
            yield Problem(file, line, 1, f"the column '{column}' is missing; the first line is {','.join(COLUMNS)}")


def _rows(file: str, titles: Sequence[str], lines: Sequence[Line]) -> tuple[tuple[VaccineRow, ...], list[Problem]]:
    rows: dict[str, VaccineRow] = {}
    problems = []
    for line, cells in lines:
        if len(cells) != len(COLUMNS):
            told = f"this row has {len(cells)} cells, not {len(COLUMNS)}; put quotes around a name with a comma"
            problems.append(Problem(file, line, 1, told))
            continue
        named = dict(zip(titles, (cell.strip() for cell in cells), strict=True))
        row = VaccineRow(line, file, cvx_code(named["cvx"]), Vaccine(named["product"], split_groups(named["groups"])))
        problems += _row_problems(row, rows)
        rows.setdefault(row.cvx, row)
    return tuple(rows.values()), problems


def _row_problems(row: VaccineRow, before: dict[str, VaccineRow]) -> Iterator[Problem]:
    if row.cvx in before:
        yield row.problem(f"this code is on line {before[row.cvx].line} already; remove one")
    if not read_cvx(row.cvx):
        yield row.problem("this is no CVX code; write CDC's number, such as 08 or 208")
    if row.cvx in NOT_A_DOSE:
        yield row.problem("this code says that no vaccine was given; remove the row")
    if not row.vaccine.product:
        yield row.problem("this vaccine has no name; write it under 'product'")
    if len(row.vaccine.product) > LONGEST_NAME:
        yield row.problem(f"this name has {len(row.vaccine.product)} characters; write at most {LONGEST_NAME}")
    if not row.vaccine.product.isprintable():
        yield row.problem("an invisible character is in the name; type it anew, on one line")
    if not row.vaccine.groups:
        yield row.problem("this vaccine has no group, so no page would show it; write one under 'groups'")
