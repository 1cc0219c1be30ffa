"""CVX codes become names that people know, in groups of one disease; a code that nobody knows is shown for itself."""

import csv
import subprocess
import sys
from importlib.resources import files

import pytest

from bot.vaccines import ALL, COVID, OTHER, Vaccine, Vaccines, cvx_code, packaged

COVID_CODES = [*range(207, 209), *range(210, 214), 217, 218, 219, 221, *range(225, 231), 300, 301, 302]
COVID_CODES += [*range(308, 314), 334, *range(500, 522)]
NEVER_GIVEN_OUT = ("99", "124", "199")  # by CDC
OTHERS = [code for code in range(1, 207) if str(code) not in NEVER_GIVEN_OUT]
OTHERS += [214, 215, 216, 220, 222, 223, 224, 231, *range(303, 308), *range(314, 334), 801]
NO_VACCINES = (12, 13, 14, 27, 29, 30, 34, 36, 71, 79, 86, 87, *range(95, 99), 117, 154, 156, 157, 159, 180, 181, 801)

DEFAULT = Vaccines(packaged())
EVERYTHING = Vaccines(packaged(), (ALL,))


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
        ("140", "Flu"),
        ("03", "MMR"),
        ("3", "MMR"),
    ],
)
def test_a_code_has_the_name_that_people_say(cvx, name):
    assert DEFAULT.product(cvx) == name


@pytest.mark.parametrize("cvx", ["999", "", "998", "99"])
def test_a_code_outside_the_table_has_no_name(cvx):
    assert DEFAULT.product(cvx) is None


@pytest.mark.parametrize(
    ("sent", "written"),
    [("8", "08"), ("08", "08"), ("008", "08"), (" 8 ", "08"), ("208", "208"), ("0", "00"), ("", ""), ("PCV", "PCV")],
)
def test_a_code_is_written_as_cdc_writes_it(sent, written):
    assert cvx_code(sent) == written


def test_a_code_of_endless_digits_is_only_unknown():
    assert DEFAULT.shown_in("9" * 5000) == (OTHER,)


@pytest.mark.parametrize("code", COVID_CODES)
def test_every_covid_code_of_the_code_set_is_covid_and_has_a_name(code):
    assert DEFAULT.shown_in(str(code)) == (COVID,)
    assert DEFAULT.product(str(code))


@pytest.mark.parametrize("code", OTHERS)
def test_every_other_code_of_the_code_set_is_not_covid(code):
    assert DEFAULT.shown_in(str(code)) == ()
    assert DEFAULT.shown_in(f"{code:02}") == ()


@pytest.mark.parametrize("code", OTHERS)
def test_every_code_of_the_code_set_has_a_name(code):
    assert DEFAULT.product(str(code))


@pytest.mark.parametrize(
    "cvx", ["999", "9999", "209", "335", "522", "1207", "0", "00", "unmapped", "²", *NEVER_GIVEN_OUT]
)
@pytest.mark.parametrize("show", [(COVID,), ("Influenza",), ("MMR", COVID), (ALL,)], ids="-".join)
def test_a_code_that_nobody_knows_is_always_shown_and_taken_for_nothing_else(show, cvx):
    assert Vaccines(packaged(), show).shown_in(cvx) == (OTHER,)


@pytest.mark.parametrize("show", [(COVID,), (ALL,)], ids="-".join)
def test_a_code_counts_as_soon_as_the_table_holds_it(show):
    vaccines = Vaccines({**packaged(), "9999": Vaccine("Comirnaty 2030", (COVID,))}, show)

    assert vaccines.shown_in("9999") == (COVID,)


@pytest.mark.parametrize("cvx", ["", "  ", "998"])
@pytest.mark.parametrize("vaccines", [DEFAULT, EVERYTHING], ids=["covid", "all"])
def test_no_vaccine_administered_is_no_dose(vaccines, cvx):
    assert vaccines.shown_in(cvx) == ()


@pytest.mark.parametrize(
    ("cvx", "groups"),
    [
        ("94", ("MMR", "Varicella")),
        ("104", ("HepA", "HepB")),
        ("110", ("DTaP/Tdap/Td", "HepB", "Polio")),
        ("146", ("DTaP/Tdap/Td", "Polio", "Hib", "HepB")),
        ("316", ("Meningococcal", "Meningococcal B")),
        ("115", ("DTaP/Tdap/Td",)),
        ("140", ("Influenza",)),
        ("305", ("RSV",)),
    ],
)
def test_a_combination_belongs_to_each_of_its_groups(cvx, groups):
    assert EVERYTHING.shown_in(cvx) == groups


def test_only_the_groups_of_the_setting_are_shown_in_its_order():
    vaccines = Vaccines(packaged(), ("Polio", COVID, "HepB"))

    assert [vaccines.shown_in(cvx) for cvx in ("110", "208", "20")] == [("Polio", "HepB"), (COVID,), ()]


@pytest.mark.parametrize("code", NO_VACCINES)
def test_what_is_no_vaccine_is_on_no_card(code):
    assert EVERYTHING.shown_in(str(code)) == ()
    assert EVERYTHING.product(str(code))


def test_a_row_of_staffs_own_replaces_the_packaged_one():
    vaccines = Vaccines({**packaged(), "140": Vaccine("Fluzone", ("Influenza",))})

    assert vaccines.product("140") == "Fluzone"


def test_the_table_names_each_code_once_as_cdc_writes_it_with_a_name():
    rows = list(csv.DictReader(files("bot").joinpath("vaccines.csv").read_text("utf-8").splitlines()))

    assert len({row["cvx"] for row in rows}) == len(rows)
    assert [row["cvx"] for row in rows] == sorted((cvx_code(row["cvx"]) for row in rows), key=int)
    assert all(row["product"] and all(cell == cell.strip() for cell in row.values()) for row in rows)


def test_the_table_is_not_read_before_it_is_needed():
    code = "import bot.vaccines as v; print(v.packaged.cache_info().currsize)"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "0"
