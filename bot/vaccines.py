"""What a CVX code means to people: the product's name, and whether it is a COVID-19 vaccine."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

COVID = "COVID-19"
FIRST_COVID = 207  # CDC counts upwards: it had given 1 to 206 to other vaccines before 2020
NOT_A_DOSE = frozenset({"", "998"})  # 998: "no vaccine administered", a note inside HL7 messages


@dataclass(frozen=True, slots=True)
class Vaccine:
    """One row of `vaccines.csv`: CDC's code set from 207 on, as of December 2025 (337 and 338: 2026).

    The code set: https://www2a.cdc.gov/vaccines/iis/iisstandards/vaccines.asp?rpt=cvx
    """

    product: str  # as people say it: "Pfizer-BioNTech"; "COVID-19" where no product was recorded
    disease: str


def product_name(cvx: str) -> str | None:
    """The product's name, or None for a code that the table does not hold.

    The caller words the None ("vaccine code 999"), because it knows the reader's language.
    """
    vaccine = _table().get(cvx.strip())
    return vaccine.product if vaccine else None


def is_covid(cvx: str) -> bool:
    """Whether the dose belongs on a COVID-19 card.

    Yes also for a code that nobody knows: CDC adds codes every year, and no dose may be lost before
    somebody has added its row.
    """
    code = cvx.strip()
    if code in NOT_A_DOSE:
        return False
    vaccine = _table().get(code)
    if vaccine:
        return vaccine.disease == COVID
    return not (code.isdecimal() and 0 < int(code) < FIRST_COVID)


@cache
def _table() -> dict[str, Vaccine]:
    text = files("bot").joinpath("vaccines.csv").read_text("utf-8")
    return {row["cvx"]: Vaccine(row["product"], row["disease"]) for row in csv.DictReader(text.splitlines())}
