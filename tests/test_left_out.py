"""What is not on a card is on the page, with the reason: of hundreds of ugly records nothing is lost or shown twice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from card_rules import Issued
from generated_records import TODAY
from issued_cards import EVERYTHING, make_cards, records

from bot.ports import DetailLeftOut, LeftOut
from bot.record_content import ShownDose, ShownGroup, shown_groups, shows_any
from bot.records import VaccineRecord
from bot.vaccines import cvx_code


@dataclass(frozen=True)
class Page:
    """One record, and what its page shows."""

    record: VaccineRecord
    groups: list[ShownGroup]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Page]:
    cards = make_cards(tmp_path_factory.mktemp("var"))
    shown = (record for record in records() if shows_any(record, EVERYTHING))
    return [Page(record, [*shown_groups(record, EVERYTHING, cards, today=TODAY)]) for record in shown]


def on_card(group: ShownGroup) -> list[dict[str, str]]:
    return Issued(group.jws, *[None] * 5).immunizations if group.jws else []


def groups_with_cards(pages: list[Page]) -> Iterator[tuple[ShownGroup, list[tuple[ShownDose, dict[str, str]]]]]:
    """Each group with the doses that are said to be on its card, and what the card tells of them."""
    for page in pages:
        for group in page.groups:
            said = [one for one in group.doses if one.left_out is None]
            yield group, list(zip(said, on_card(group), strict=True))


def test_every_dose_of_the_registry_is_shown_once_in_each_of_its_groups(pages: list[Page]) -> None:
    for page in pages:
        shown = Counter(id(one.dose) for group in page.groups for one in group.doses)
        assert shown == {
            id(dose): len(EVERYTHING.shown_in(dose.cvx))
            for dose in page.record.immunizations
            if EVERYTHING.shown_in(dose.cvx)
        }


def test_a_dose_without_a_reason_is_on_the_card_and_one_with_a_reason_is_not(pages: list[Page]) -> None:
    for _, held in groups_with_cards(pages):
        for shown, told in held:
            assert told["occurrenceDateTime"] == shown.dose.date.isoformat()
            assert told["vaccineCode"]["coding"][0]["code"] == cvx_code(shown.dose.cvx)


def test_a_lot_and_a_place_are_on_the_card_or_have_a_reason_or_there_is_none(pages: list[Page]) -> None:
    for _, held in groups_with_cards(pages):
        for shown, told in held:
            for text, reason, name in (
                (shown.dose.lot, shown.lot_left_out, "lotNumber"),
                (shown.dose.place, shown.place_left_out, "performer"),
            ):
                assert (name in told) + (reason is not None) + (not (text or "").strip(" \x00")) == 1


def test_all_doses_that_have_no_room_are_older_than_those_on_the_card(pages: list[Page]) -> None:
    for page in pages:
        for group in page.groups:
            older = [one.dose.date for one in group.doses if one.left_out is LeftOut.NO_ROOM]
            held = [one.dose.date for one in group.doses if one.left_out is None]
            assert not older or max(older) <= min(held)


def test_no_dose_goes_before_every_lot_and_no_lot_before_every_place(pages: list[Page]) -> None:
    for group, held in groups_with_cards(pages):
        reasons = [(shown.lot_left_out, shown.place_left_out) for shown, _ in held]
        if any(one.left_out is LeftOut.NO_ROOM for one in group.doses):
            assert all("lotNumber" not in told for _, told in held)
        if any(lot is DetailLeftOut.NO_ROOM for lot, _ in reasons):
            assert all("performer" not in told for _, told in held)


def test_every_reason_occurs(pages: list[Page]) -> None:
    shown = [one for page in pages for group in page.groups for one in group.doses]

    assert {one.left_out for one in shown} == {None, *LeftOut}
    assert {one.lot_left_out for one in shown} == {None, *DetailLeftOut}
    assert {one.place_left_out for one in shown} == {None, *DetailLeftOut}
