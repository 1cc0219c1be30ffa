"""What a link holds: the doses that the flow shows, in groups of one disease, each with a card of its own."""

from dataclasses import replace
from datetime import date

import orjson
import pytest

from bot.ports import Card
from bot.record_content import group_names, read, shown_groups, shows_any, to_json
from bot.records import Immunization, VaccineRecord
from bot.vaccines import ALL, COVID, OTHER, Vaccines, packaged


class Signed:
    """Cards that say what was to be signed, and take two doses at most."""

    def issue(self, record: VaccineRecord, group: str) -> Card:
        return Card(
            f"{group}: {' '.join(dose.cvx for dose in record.immunizations)}",
            "r" * 11,
            min(2, len(record.immunizations)),
        )

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": []}


def record(*codes: str) -> VaccineRecord:
    """Doses a year apart from each other, in this order."""
    given = tuple(Immunization(cvx, date(2000 + n, 5, 1), f"lot {n}") for n, cvx in enumerate(codes))
    return VaccineRecord("p1", "Reyes", ("Ana",), date(1985, 3, 27), None, given)


def cards(*show: str, of: VaccineRecord) -> list[str]:
    return [group.jws for group in shown_groups(of, Vaccines(packaged(), show), Signed())]


def test_without_a_setting_only_covid_doses_are_shown_and_unknown_ones_with_them() -> None:
    everything = record("140", "208", "998", "999", "214", "334")

    (group,) = shown_groups(everything, Vaccines(packaged()), Signed())

    assert (group.name, group.jws) == (COVID, "COVID-19: 208 999 334")


def test_a_combination_is_on_the_card_of_each_of_its_groups() -> None:
    assert cards("Polio", "HepB", of=record("110", "10", "08")) == ["Polio: 110 10", "HepB: 110 08"]


def test_groups_stand_in_the_order_of_the_setting_and_without_doses_not_at_all() -> None:
    assert cards("Influenza", COVID, "MMR", of=record("208", "140")) == ["Influenza: 140", "COVID-19: 208"]


def test_where_everything_is_shown_covid_is_first_and_then_what_was_given_last() -> None:
    everything = record("03", "208", "999", "8", "140", "94")

    names = group_names(everything, Vaccines(packaged(), (ALL,)))

    assert names == [COVID, "MMR", "Varicella", "Influenza", "HepB", OTHER]


@pytest.mark.parametrize("codes", [(), ("140",), ("998",), ("13",)], ids=["none", "flu", "no dose", "globulin"])
def test_a_record_without_a_shown_dose_has_nothing_to_show(codes: tuple[str, ...]) -> None:
    vaccines = Vaccines(packaged())

    assert not shows_any(record(*codes), vaccines)
    with pytest.raises(ValueError, match=r"^the record has no dose that is shown$"):
        next(shown_groups(record(*codes), vaccines, Signed()))


def test_doses_are_by_date_and_those_that_the_card_leaves_out_are_counted() -> None:
    three = record("208", "207", "300")
    turned = replace(three, immunizations=three.immunizations[::-1])

    (group,) = shown_groups(turned, Vaccines(packaged()), Signed())

    assert [dose.cvx for dose in group.doses] == ["208", "207", "300"]
    assert group.left_out == 1


def test_what_a_link_holds_is_read_as_it_was_written() -> None:
    groups = list(shown_groups(record("208", "140"), Vaccines(packaged(), (COVID, "Influenza")), Signed()))

    content = read(to_json(record("208", "140"), groups, language="es", declaration="I am"))

    assert (content.name, content.birth_date, content.language) == ("Ana Reyes", "1985-03-27", "es")
    assert content.groups == tuple(groups)


def test_a_link_from_before_links_held_several_groups_still_opens() -> None:
    dose = {"cvx": "208", "date": "2021-04-08", "lot": "EW0162", "place": None, "mvx": "PFR"}
    old = {"name": "Ana Reyes", "birth_date": "1985-03-27", "doses": [dose], "jws": "a.b.c", "rid": "r" * 11}

    content = read(orjson.dumps({**old, "left_out": 2, "language": "ko", "declaration": ""}))

    (group,) = content.groups
    assert (content.name, content.language) == ("Ana Reyes", "ko")
    assert (group.name, group.jws, group.left_out) == (COVID, "a.b.c", 2)
    assert group.doses == (Immunization("208", date(2021, 4, 8), "EW0162", None, "PFR"),)


def test_nothing_of_it_prints_itself() -> None:
    groups = list(shown_groups(record("208"), Vaccines(packaged()), Signed()))

    content = read(to_json(record("208"), groups, language="en", declaration=""))

    assert (repr(content), repr(content.groups[0])) == ("Content(...)", "ShownGroup(...)")
