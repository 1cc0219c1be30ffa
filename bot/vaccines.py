"""What a CVX code means to people: the product's name, and the vaccine groups it belongs to."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

COVID = "COVID-19"
ALL = "all"  # instead of a list of groups: every dose is shown
OTHER = "Other"  # the group of codes that the table does not hold
NO_DOSE = "998"  # "no vaccine administered", a note inside HL7 messages
NOT_A_DOSE = frozenset({"", NO_DOSE})
CVX = re.compile(r"\d{2,4}", re.ASCII)  # CDC's have two or three digits


@dataclass(frozen=True, slots=True)
class Vaccine:
    """One row of `vaccines.csv`: CDC's code set as of December 2025 (337 and 338: 2026), retired codes too.

    The code set: https://www2a.cdc.gov/vaccines/iis/iisstandards/vaccines.asp?rpt=cvx
    The groups are named as in CDC's schedules (CDSi), or for what they prevent where CDSi has no group. All
    influenza is one group, pandemic and avian too. https://www.cdc.gov/iis/cdsi/
    """

    product: str  # as people say it: "Pfizer-BioNTech"; "COVID-19" where no product was recorded
    groups: tuple[str, ...]  # several for a combination; none for what is no vaccine, such as an immune globulin


@dataclass(frozen=True, slots=True)
class Vaccines:
    """The table, with the rows that staff have added, and the groups that their flow shows."""

    table: Mapping[str, Vaccine]  # by code as `cvx_code` writes it
    show: tuple[str, ...] = (COVID,)  # in this order; (ALL,) for every group

    @property
    def several(self) -> bool:
        """Whether more than one group may be shown."""
        return ALL in self.show or len(self.show) > 1

    def product(self, cvx: str) -> str | None:
        """The product's name, or None for a code that the table does not hold.

        The caller words the None ("vaccine code 999"), because it knows the reader's language.
        """
        vaccine = self.table.get(cvx_code(cvx))
        return vaccine.product if vaccine else None

    def shown_in(self, cvx: str) -> tuple[str, ...]:
        """The groups that show a dose; none if the flow does not show it.

        A code that the table does not hold is always shown, and claimed for no disease: CDC adds codes every year,
        and no dose may be lost before somebody has added its row.
        """
        code = cvx_code(cvx)
        if code in NOT_A_DOSE:
            return ()
        vaccine = self.table.get(code)
        if vaccine is None:
            return (OTHER,)
        return vaccine.groups if ALL in self.show else tuple(group for group in self.show if group in vaccine.groups)


def cvx_code(text: str) -> str:
    """A code as CDC writes it, with two digits at least: registries send "8" and " 08" too."""
    code = text.strip()
    return code.lstrip("0").zfill(2) if code.isascii() and code.isdecimal() else code


def read_cvx(text: str) -> str | None:
    """The code as `cvx_code` writes it; None for what is no CVX code, and for "0", which only fills a form."""
    code = cvx_code(text)
    return code if CVX.fullmatch(code) and code.strip("0") else None


@cache
def packaged() -> Mapping[str, Vaccine]:
    """The table that comes with vaxtext."""
    text = files("bot").joinpath("vaccines.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["cvx"]: Vaccine(row["product"], split_groups(row["groups"])) for row in rows}


def packaged_groups() -> list[str]:
    return sorted({group for vaccine in packaged().values() for group in vaccine.groups})


def split_groups(cell: str) -> tuple[str, ...]:
    """ "HepA; HepB" -> ("HepA", "HepB")."""
    return tuple(group for group in (part.strip() for part in cell.split(";")) if group)
