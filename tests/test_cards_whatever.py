"""Whatever a registry delivers, a card keeps every rule and nothing is raised: records that hypothesis makes up."""

from datetime import date

import pytest
from card_rules import bundle, jws
from fakes.qr_readers import opened, zxing
from generated_records import LOTS, PLACES, TODAY
from hypothesis import given, settings
from hypothesis import strategies as st
from issued_cards import EVERYTHING, issued, make_cards

from bot.cards import qr
from bot.cards.issuer import SmartHealthCards
from bot.iis.doses import merged
from bot.record_content import read, shown_groups, shows_any, to_json
from bot.records import Immunization, VaccineRecord

texts = st.text(st.characters(exclude_categories=()), max_size=40)  # half characters, too
codes = st.sampled_from(["208", "0208", " 309", "110", "08", "8", "999", "998", "00", ""]) | texts
doses = st.builds(
    Immunization,
    codes,
    st.dates() | st.dates(date(2020, 12, 14), TODAY),
    st.sampled_from(LOTS) | texts,
    st.sampled_from(PLACES) | texts,
)
names = texts | st.sampled_from(["Reyes", "王", "UNKNOWN", "{{name}}"]) | st.text(min_size=250, max_size=700)
records = st.builds(
    VaccineRecord,
    patient_id=texts,
    family=names,
    given=st.lists(names, max_size=3).map(tuple),
    birth_date=st.dates(max_value=date(2020, 1, 1)) | st.dates(),
    suffix=st.none() | texts,
    immunizations=st.lists(doses, max_size=40).map(merged),
)


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> SmartHealthCards:
    return make_cards(tmp_path_factory.mktemp("var"))


@settings(max_examples=200)
@given(records)
def test_every_card_of_any_record_keeps_every_rule(cards: SmartHealthCards, record: VaccineRecord) -> None:
    for card in issued(cards, [record]):
        for rule in (*jws.RULES, *bundle.RULES):
            rule(card)


@settings(max_examples=60)
@given(records)
def test_every_card_of_any_record_is_scanned(cards: SmartHealthCards, record: VaccineRecord) -> None:
    for card in issued(cards, [record]):
        assert zxing(opened(qr.png(card.jws))) == [f"shc:/{qr.numeric(card.jws)}"]


@settings(max_examples=100)
@given(records)
def test_a_link_holds_any_record_with_every_dose(cards: SmartHealthCards, record: VaccineRecord) -> None:
    if not shows_any(record, EVERYTHING):
        return

    groups = [*shown_groups(record, EVERYTHING, cards, today=TODAY)]
    content = read(to_json(record, groups, language="en", declaration=""))

    held = {(dose.date, dose.cvx) for dose in record.immunizations if EVERYTHING.shown_in(dose.cvx)}
    assert {(one.dose.date, one.dose.cvx) for group in groups for one in group.doses} == held
    assert [len(group.doses) for group in content.groups] == [len(group.doses) for group in groups]
