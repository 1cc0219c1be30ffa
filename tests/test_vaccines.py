"""CVX codes become names that people know, and no COVID-19 dose is lost to an unknown code."""

import csv
import subprocess
import sys
from importlib.resources import files

import pytest

from bot.vaccines import is_covid, product_name

COVID = [*range(207, 214), 217, 218, 219, 221, *range(225, 231), 300, 301, 302, *range(308, 314), 334]
ABROAD = range(500, 522)
OTHERS = [*range(1, 207), 214, 215, 216, 220, 222, 223, 224, 231, *range(303, 308), *range(314, 334), 801]


@pytest.mark.parametrize(
    ("cvx", "name"),
    [
        ("207", "Moderna"),
        ("208", "Pfizer-BioNTech"),
        ("212", "Janssen (J&J)"),
        ("213", "COVID-19"),
        ("300", "Pfizer-BioNTech bivalent"),
        ("313", "Novavax"),
        ("334", "Moderna mNEXSPIKE"),
        ("511", "CoronaVac (Sinovac)"),
        (" 208 ", "Pfizer-BioNTech"),
    ],
)
def test_a_code_has_the_name_that_people_say(cvx, name):
    assert product_name(cvx) == name


@pytest.mark.parametrize("cvx", ["999", "140", "", "998"])
def test_a_code_outside_the_table_has_no_name(cvx):
    assert product_name(cvx) is None


@pytest.mark.parametrize("code", [code for code in [*COVID, *ABROAD] if code != 209])
def test_every_covid_code_of_the_code_set_is_covid_and_has_a_name(code):
    assert is_covid(str(code))
    assert product_name(str(code))


@pytest.mark.parametrize("code", OTHERS)
def test_every_other_code_of_the_code_set_is_not_covid(code):
    assert not is_covid(str(code))
    assert not is_covid(f"{code:02}")


@pytest.mark.parametrize("cvx", ["999", "209", "335", "522", "1207", "0", "unmapped", "²"])
def test_a_code_that_nobody_knows_counts_as_covid_so_that_no_dose_is_lost(cvx):
    assert is_covid(cvx)


@pytest.mark.parametrize("cvx", ["", "  ", "998"])
def test_no_vaccine_administered_is_no_dose(cvx):
    assert not is_covid(cvx)


def test_the_table_names_each_code_once_with_every_cell_filled():
    rows = list(csv.DictReader(files("bot").joinpath("vaccines.csv").read_text("utf-8").splitlines()))

    assert len({row["cvx"] for row in rows}) == len(rows)
    assert all(cell and cell == cell.strip() for row in rows for cell in row.values())


def test_the_table_is_not_read_before_it_is_needed():
    code = "import bot.vaccines as v; print(v._table.cache_info().currsize)"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "0"
