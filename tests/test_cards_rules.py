"""The cards of all demo people and of hundreds of ugly records keep every rule, and what they leave out is shown."""

from collections.abc import Callable, Iterator

import pytest
import zxingcpp
from card_rules import Issued, Rule, bundle, code, jws, sentence
from card_rules.code import Scanned
from fakes.qr_readers import Code, jsqr, opened
from issued_cards import issued, make_cards, records
from PIL import Image

from bot.cards import qr
from bot.iis.demo_people import demo_people


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> list[Issued]:
    return [*issued(make_cards(tmp_path_factory.mktemp("var")), records())]


@pytest.fixture(scope="module")
def scanned(cards: list[Issued]) -> Iterator[list[Scanned]]:
    """Of every eighth card, for the reader that tells segments takes its time."""
    with jsqr() as read:
        yield [_scan(card.jws, read) for card in cards[::8]]


def _scan(jws: str, read: Callable[[Image.Image], Code]) -> Scanned:
    picture = qr.png(jws)
    image = opened(picture)
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    small = image.resize((image.width * 3 // qr.SCALE,) * 2, Image.Resampling.NEAREST)
    return Scanned(jws, picture, image, found, read(small))


def test_there_are_cards_of_every_demo_person_and_hundreds_more(cards: list[Issued]) -> None:
    held = {card.record.patient_id for card in cards}
    people = {person.record.patient_id for person in demo_people() if person.record.immunizations}

    assert people - held == {"demo-nina"}  # who has a code that nobody knows, and no other
    assert len(cards) > 300
    assert {len(card.immunizations) for card in cards} >= {*range(1, 13)}


@pytest.mark.parametrize("rule", [*jws.RULES, *bundle.RULES], ids=sentence)
def test_every_card_keeps_the_rule(rule: Rule, cards: list[Issued]) -> None:
    for card in cards:
        rule(card)


@pytest.mark.parametrize("rule", code.RULES, ids=sentence)
def test_every_code_keeps_the_rule(rule: code.Rule, scanned: list[Scanned]) -> None:
    for card in scanned:
        rule(card)
