"""Every rule of a card, kept and broken: what Python says of it. In the browser the page is asked the same."""

import time
from typing import Any

import pytest
from vectors import Vector
from vectors.every import every_vector
from vectors.issuers import Issuers

from bot.cards.checking import Verdict, check_card
from bot.cards.facts import Facts
from bot.cards.given import Kind, NotACard, cards_in
from bot.cards.ourselves import ourselves
from bot.cards.trust import Directory, read_directory
from bot.ports import Services

OURS = "https://bot.example.org"


@pytest.fixture
def issuers() -> Issuers:
    return Issuers()


@pytest.fixture
def vectors(issuers: Issuers, services: Services) -> list[Vector]:
    return every_vector(issuers, services.cards, OURS)


@pytest.fixture
def directory(issuers: Issuers, services: Services) -> Directory:
    return read_directory(issuers.as_json()).with_ours(ourselves(services.cards, OURS))


def said_of(text: str, directory: Directory) -> tuple[list[str], tuple[dict[str, Any], ...]]:
    try:
        checked = [check_card(card, directory, time.time()) for card in cards_in(text)]
    except NotACard as error:
        return [error.kind.value], ()
    return [c.verdict.value for c in checked], tuple(shown(c.facts) for c in checked if c.holds and c.facts)


def shown(facts: Facts) -> dict[str, Any]:
    doses = [{"date": d.date, "code": d.code, "lot": d.lot, "place": d.place} for d in facts.doses]
    return {"name": facts.name, "birth_date": facts.birth_date, "doses": doses}


def test_every_vector_gets_what_it_deserves(vectors: list[Vector], directory: Directory) -> None:
    said = {vector.name: said_of(vector.text, directory) for vector in vectors}

    assert said == {vector.name: (vector.says, vector.facts) for vector in vectors}


def test_there_is_a_vector_for_every_verdict_and_no_name_twice(vectors: list[Vector]) -> None:
    names = [vector.name for vector in vectors]

    assert {says for vector in vectors for says in vector.says} == {*Verdict, *Kind}
    assert len(names) == len(set(names))


def test_an_issuer_on_the_list_cannot_speak_for_us(issuers: Issuers, services: Services) -> None:
    text = issuers.as_json().replace(issuers.neighbour.iss, OURS)
    directory = read_directory(text).with_ours(ourselves(services.cards, OURS))
    card = issuers.neighbour.key.sign({"iss": OURS})

    assert check_card(card, directory, time.time()).verdict is Verdict.UNKNOWN_KEY


def test_nothing_of_a_card_is_printed_by_accident(vectors: list[Vector], directory: Directory) -> None:
    checked = check_card(vectors[1].text, directory, time.time())

    assert checked.holds
    assert not any(secret in repr([checked, checked.facts]) for secret in ("Reyes", "1985", "EW0162", "Kaiser"))
