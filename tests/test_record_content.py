"""What a link holds: the doses that the flow shows, in groups of one disease, each with a card of its own."""

from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum

import orjson
import pytest

from bot.conversation.pages import PAGE_TEXTS
from bot.ports import Card, CardDose, Cards, DetailLeftOut, LeftOut, NoCard
from bot.record_content import ShownDose, ShownGroup, group_names, read, shown_groups, shows_any, to_json
from bot.records import Immunization, VaccineRecord
from bot.vaccines import ALL, COVID, OTHER, Vaccines, packaged

TODAY = date(2026, 11, 18)
BORN = date(1985, 3, 27)


class Signed:
    """Cards that say what was to be signed, and take two doses at most."""

    def issue(self, record: VaccineRecord, group: str) -> Card | NoCard:
        if not record.family:
            return NoCard(LeftOut.NO_NAME)
        says = f"{group}: {' '.join(dose.cvx for dose in record.immunizations)}"
        return Card(says, "r" * 11, tuple(map(CardDose, record.immunizations[-2:])))

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": []}


class WithoutDetails(Signed):
    """Cards without lots and places."""

    def issue(self, record: VaccineRecord, group: str) -> Card | NoCard:
        doses = (CardDose(dose, DetailLeftOut.FORM, DetailLeftOut.NO_ROOM) for dose in record.immunizations)
        return Card("a.b.c", "r" * 11, tuple(doses))


def record(*codes: str) -> VaccineRecord:
    """Doses a month apart from each other, in this order."""
    given = tuple(Immunization(cvx, date(2021, 1 + n, 1), f"lot {n}") for n, cvx in enumerate(codes))
    return VaccineRecord("p1", "Reyes", ("Ana",), BORN, None, given)


def dated(*days: date) -> VaccineRecord:
    return replace(record(), immunizations=tuple(Immunization("208", day) for day in days))


def shown(of: VaccineRecord, *show: str, by: Cards | None = None) -> list[ShownGroup]:
    return list(shown_groups(of, Vaccines(packaged(), show or (COVID,)), by or Signed(), today=TODAY))


def reasons(group: ShownGroup) -> list[tuple[str, LeftOut | None]]:
    return [(one.dose.date.isoformat(), one.left_out) for one in group.doses]


def cards(*show: str, of: VaccineRecord) -> list[str]:
    return [group.jws for group in shown(of, *show)]


def test_without_a_setting_only_covid_doses_are_shown_and_unknown_ones_after_them() -> None:
    covid, other = shown(record("9999", "140", "208", "998", "00", "214", "334", ""))

    assert (covid.name, covid.jws) == (COVID, "COVID-19: 208 334")
    assert (other.name, other.jws) == (OTHER, "")
    assert [(one.dose.cvx, one.left_out) for one in other.doses] == [
        ("9999", LeftOut.UNKNOWN_CODE),
        ("00", LeftOut.UNKNOWN_CODE),
    ]


@pytest.mark.parametrize("show", [(COVID,), ("Influenza",), (ALL,)], ids="-".join)
def test_who_has_only_unknown_codes_has_something_to_show_and_no_card(show: tuple[str, ...]) -> None:
    unknown = record("9999", "00")

    (group,) = shown(unknown, *show)

    assert shows_any(unknown, Vaccines(packaged(), show))
    assert (group.name, group.jws, len(group.doses)) == (OTHER, "", 2)


def test_a_dose_in_the_future_is_shown_last_with_the_reason_and_is_on_no_card() -> None:
    tomorrow, later = TODAY + timedelta(days=1), TODAY + timedelta(days=2)

    (group,) = shown(dated(later, TODAY, tomorrow))

    assert group.jws == "COVID-19: 208 208"
    assert reasons(group) == [("2026-11-18", None), ("2026-11-19", None), ("2026-11-20", LeftOut.FUTURE)]


def test_a_dose_before_birth_is_shown_last_with_the_reason_and_is_on_no_card() -> None:
    born = date(2021, 3, 27)

    (group,) = shown(replace(dated(born - timedelta(days=1), born), birth_date=born))

    assert group.jws == "COVID-19: 208"
    assert reasons(group) == [("2021-03-27", None), ("2021-03-26", LeftOut.BEFORE_BIRTH)]


def test_a_group_of_wrong_dates_alone_is_shown_without_a_card() -> None:
    (group,) = shown(dated(date(2202, 1, 4), date(1921, 4, 8)))

    assert group.jws == ""
    assert reasons(group) == [("1921-04-08", LeftOut.BEFORE_BIRTH), ("2202-01-04", LeftOut.FUTURE)]


@pytest.mark.parametrize(
    ("code", "day", "reason"),
    [
        ("208", date(2019, 12, 31), LeftOut.WRONG_DATE),
        ("208", date(2020, 1, 1), None),
        ("208", date(1970, 1, 1), LeftOut.WRONG_DATE),
        ("03", date(1970, 1, 1), LeftOut.WRONG_DATE),
        ("03", date(1900, 1, 1), LeftOut.WRONG_DATE),
        ("03", date(1899, 12, 31), LeftOut.WRONG_DATE),
        ("03", date(1970, 1, 2), None),
        ("03", date(1900, 1, 2), None),
        ("03", date(2019, 12, 31), None),
    ],
)
def test_a_day_that_only_fills_a_form_or_is_from_before_the_vaccine_is_on_no_card(
    code: str, day: date, reason: LeftOut | None
) -> None:
    old = replace(record(), birth_date=date(1899, 1, 1), immunizations=(Immunization(code, day),))

    (group,) = shown(old, ALL)

    assert reasons(group) == [(day.isoformat(), reason)]
    assert bool(group.jws) == (reason is None)


def test_without_a_name_there_is_no_card_and_every_dose_says_so() -> None:
    nobody = replace(record("208", "9999", "207"), family="")

    covid, other = shown(nobody)

    assert (covid.jws, other.jws) == ("", "")
    assert [one.left_out for one in covid.doses] == [LeftOut.NO_NAME] * 2
    assert [one.left_out for one in other.doses] == [LeftOut.UNKNOWN_CODE]


def test_a_dose_tells_which_of_its_details_is_not_on_the_card_and_why() -> None:
    (group,) = shown(record("208"), by=WithoutDetails())

    (dose,) = group.doses
    assert (dose.left_out, dose.lot_left_out, dose.place_left_out) == (None, DetailLeftOut.FORM, DetailLeftOut.NO_ROOM)


@pytest.mark.parametrize(("prefix", "reasons"), [("left_out_", LeftOut), ("detail_left_out_", DetailLeftOut)])
def test_every_reason_has_its_words_on_the_page(prefix: str, reasons: type[StrEnum]) -> None:
    named = {name.removeprefix(prefix) for name in PAGE_TEXTS if name.startswith(prefix)}

    assert named == {*reasons}


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
        shown(record(*codes))


def test_doses_are_by_date_and_the_oldest_say_that_the_card_has_no_room_for_them() -> None:
    three = record("208", "207", "300")
    turned = replace(three, immunizations=three.immunizations[::-1])

    (group,) = shown(turned)

    assert [(one.dose.cvx, one.left_out) for one in group.doses] == [
        ("208", LeftOut.NO_ROOM),
        ("207", None),
        ("300", None),
    ]


def test_what_a_link_holds_is_read_as_it_was_written() -> None:
    of = record("208", "207", "300", "140", "9999")
    groups = [*shown(of, COVID, "Influenza"), *shown(of, by=WithoutDetails())]

    content = read(to_json(of, groups, language="es", declaration="I am"))

    assert (content.name, content.birth_date, content.language) == ("Ana Reyes", "1985-03-27", "es")
    assert content.groups == tuple(groups)


def test_half_characters_of_a_registry_are_no_fault() -> None:
    odd = replace(record("208"), family="Re\ud800yes", immunizations=(Immunization("208", BORN, "\udfff", "A\ud83d"),))

    content = read(to_json(odd, shown(odd), language="en", declaration=""))

    (group,) = content.groups
    assert (content.name, group.doses[0].dose.lot, group.doses[0].dose.place) == (
        "Ana Re\ufffdyes",
        "\ufffd",
        "A\ufffd",
    )


def test_a_link_from_before_links_held_several_groups_still_opens() -> None:
    doses = [{"cvx": "208", "date": f"2021-04-0{n}", "lot": "EW0162", "place": None, "mvx": "PFR"} for n in (1, 2, 3)]
    old = {"name": "Ana Reyes", "birth_date": "1985-03-27", "doses": doses, "jws": "a.b.c", "rid": "r" * 11}

    content = read(orjson.dumps({**old, "left_out": 2, "language": "ko", "declaration": ""}))

    (group,) = content.groups
    assert (content.name, content.language) == ("Ana Reyes", "ko")
    assert (group.name, group.jws) == (COVID, "a.b.c")
    assert [one.left_out for one in group.doses] == [LeftOut.NO_ROOM, LeftOut.NO_ROOM, None]
    assert group.doses[2] == ShownDose(Immunization("208", date(2021, 4, 3), "EW0162", None, "PFR"))


def test_nothing_of_it_prints_itself() -> None:
    content = read(to_json(record("208"), shown(record("208")), language="en", declaration=""))

    (group,) = content.groups
    assert (repr(content), repr(group), repr(group.doses[0])) == ("Content(...)", "ShownGroup(...)", "ShownDose(...)")
