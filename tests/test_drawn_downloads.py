"""Picture and PDF of an opened record: drawn when asked for, once, for ten minutes, and in the record's language."""

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import redis
from drawings import Pdf, scan
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from showing import PEOPLE, PIN, seal

from bot.cards.issued import issued
from bot.cards.qr import decode_numeric
from bot.drawing.draw import Drawer
from bot.records import Immunization, VaccineRecord
from bot.web.site import create_app
from bot.wiring import System, build_app

Fetch = Callable[[str], Pdf]
PATH = re.compile(r'href="(/m/[^"]+)"')


def opened(client: FlaskClient, system: System, who: str = "ana", language: str = "en", *show: str) -> str:
    return record_page(client, system, PEOPLE[who], language, *show)


def record_page(client: FlaskClient, system: System, record: VaccineRecord, language: str = "en", *show: str) -> str:
    token = seal(system.services, record, language, show=show)
    page = client.post(f"/r/{token}", data={"pin": PIN})
    assert page.status_code == 200
    return page.text


def letters(text: str) -> list[str]:
    """In no order: some Arabic ones are drawn as one, and copied the other way round."""
    return sorted(char for char in text if char.isalpha())


def downloads(page: str, ending: str) -> list[str]:
    return [path for path in PATH.findall(page) if path.endswith(ending)]


@pytest.fixture
def pdf_of(client: FlaskClient) -> Iterator[Fetch]:
    made: list[Pdf] = []

    def fetch(page: str) -> Pdf:
        (path,) = downloads(page, ".pdf")
        made.append(Pdf(client.get(path).data))
        return made[-1]

    yield fetch
    for each in made:
        each.close()


def card_in(client: FlaskClient, path: str) -> str:
    picture = client.get(path)
    assert picture.mimetype == "image/png"
    return decode_numeric(scan(Image.open(io.BytesIO(picture.data)).convert("RGB")).text)


def test_picture_and_pdf_are_drawn_only_when_somebody_asks_and_then_kept(client: FlaskClient, system: System) -> None:
    page = opened(client, system)
    before = _media(system.client)

    first = [client.get(path) for path in downloads(page, "1.png") + downloads(page, ".pdf")]
    drawn = _media(system.client)
    again = [client.get(path) for path in downloads(page, "1.png") + downloads(page, ".pdf")]

    assert len(drawn - before) == 2
    assert [answer.data for answer in again] == [answer.data for answer in first]
    assert _media(system.client) == drawn


def test_they_live_for_ten_minutes(client: FlaskClient, system: System) -> None:
    (picture,) = downloads(opened(client, system), "1.png")

    assert client.head(picture).status_code == client.get(picture).status_code == 200
    assert all(0 < system.client.ttl(key) <= 600 for key in _media(system.client))


def test_a_drawing_is_found_only_while_its_record_is(client: FlaskClient, system: System) -> None:
    page = opened(client, system)
    (picture,) = downloads(page, "1.png")
    records = _media(system.client)
    client.get(picture)

    for key in records:
        system.client.delete(key)

    assert client.get(picture).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/m/aaaaaaaaaaaaaaaaaaaaaaaaaa/1.png", "/m/x/1.png", "/m/aaaaaaaaaaaaaaaaaaaaaaaaaa/record.pdf"],
)
def test_unknown_addresses_are_nothing(path: str, client: FlaskClient) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("name", ["0.png", "2.png", "99999999999.png", "1.pdf", "record.png", "-1.png", "record"])
def test_a_record_has_no_other_drawings(name: str, client: FlaskClient, system: System) -> None:
    (picture,) = downloads(opened(client, system), "1.png")

    assert client.get(picture.replace("1.png", name)).status_code == 404


def test_nothing_that_is_kept_for_drawings_is_in_clear(client: FlaskClient, system: System) -> None:
    page = opened(client, system)
    for path in PATH.findall(page):
        client.get(path)

    held = b"".join(system.client.get(key) or b"" for key in _media(system.client))
    assert len(held) > 100_000
    assert not any(piece in held for piece in (b"Reyes", b"1985-", b"\x89PNG", b"%PDF-", b'"jws"'))


def test_each_group_has_a_picture_and_all_are_in_one_pdf(client: FlaskClient, system: System, pdf_of: Fetch) -> None:
    page = opened(client, system, "elena", "en", "all")

    pictures = downloads(page, ".png")
    (file,) = downloads(page, ".smart-health-card")
    pdf = pdf_of(page)

    cards = json.loads(client.get(file).data)["verifiableCredential"]
    assert [card_in(client, path) for path in pictures[:2]] == cards[:2]
    assert len(pictures) == len(cards) == 7
    assert len(pdf) == 7
    assert decode_numeric(scan(pdf.drawn(6)).text) == cards[6]


def test_what_is_on_no_card_is_in_the_pdf_with_the_reason(client: FlaskClient, system: System, pdf_of: Fetch) -> None:
    page = opened(client, system, "lars")

    pdf = pdf_of(page)

    assert len(downloads(page, ".png")) == 1
    assert "Vaccine code 999" in pdf.text(1).replace("\u2068", "").replace("\u2069", "")
    assert "because we did not know this vaccine code" in pdf.text(1).replace("\n", " ")


@pytest.mark.parametrize("language", ["en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl"])
def test_a_lot_that_is_not_in_the_code_has_a_mark_and_below_the_doses_the_reason(
    language: str, client: FlaskClient, system: System, pdf_of: Fetch
) -> None:
    first, second, *_ = PEOPLE["ana"].immunizations
    ana = replace(PEOPLE["ana"], immunizations=(replace(first, lot="see chart"), second))
    page = record_page(client, system, ana, language)
    reason = system.services.flow.words_in(language).page["detail_left_out_form"]

    pdf = pdf_of(page)

    text = pdf.text().replace("\u2068", "").replace("\u2069", "").replace("\xa0", " ")
    assert reason in page
    assert len(pdf) == 1
    lot, note = (line for line in text.split("\n") if "*" in line)
    assert "see chart" in lot
    assert letters(note) == letters(reason)


@pytest.mark.parametrize("language", ["en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl"])
def test_a_part_of_the_name_that_is_not_in_the_code_has_its_reason_below_the_name(
    language: str, client: FlaskClient, system: System, pdf_of: Fetch
) -> None:
    reason = system.services.flow.words_in(language).page["name_left_out"]
    page = record_page(client, system, replace(PEOPLE["ana"], given=("Ana", "None")), language)

    text = pdf_of(page).text().replace("\n", " ")

    assert page.count(reason) == 1
    assert not {*letters(reason)} - {*letters(text)}
    if language != "ar":
        assert "".join(filter(str.isalpha, reason)) in "".join(filter(str.isalpha, text))


@pytest.mark.parametrize(
    "name",
    [
        {"family": "O'Neill-García", "given": ("Seán", "Q.")},
        {"family": "王", "given": ("小明",)},
        {"family": "Re\x00yes\t", "given": ("A\ud83dna", "")},
    ],
    ids=["Irish", "Chinese", "odd signs"],
)
def test_a_whole_name_has_no_note(name: dict[str, Any], client: FlaskClient, system: System) -> None:
    page = record_page(client, system, replace(PEOPLE["ana"], **name))

    assert "part of this name" not in page


def test_each_reason_has_a_mark_of_its_own(client: FlaskClient, system: System, pdf_of: Fetch) -> None:
    noise = [hashlib.sha256(bytes([n])).hexdigest().upper() for n in range(12)]
    doses = [Immunization("208", date(2021, 1, 1 + n), text[:19], text[19:48]) for n, text in enumerate(noise)]
    ana = replace(PEOPLE["ana"], immunizations=(replace(doses[0], lot="N.A."), *doses[1:]))

    text = pdf_of(record_page(client, system, ana)).text().replace("\xa0", " ").replace("\n", " ")

    assert "N.A. *" in text
    assert f"{doses[0].place} **" in text
    assert "* Not in the QR code, because of its length or spelling." in text
    assert "** Not in the QR code, which has no room for it." in text


def test_where_all_is_in_the_code_there_is_no_mark(client: FlaskClient, system: System, pdf_of: Fetch) -> None:
    assert "*" not in pdf_of(opened(client, system)).text()


def test_who_has_no_card_is_offered_nothing_to_save(client: FlaskClient, system: System) -> None:
    assert PATH.findall(opened(client, system, "nina")) == []


@pytest.mark.parametrize("language", ["en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl"])
def test_page_and_pdf_say_the_same_in_the_language_of_the_record(
    language: str, client: FlaskClient, system: System, pdf_of: Fetch
) -> None:
    page = opened(client, system, "ana", language)
    (file,) = downloads(page, ".smart-health-card")
    told = issued(json.loads(client.get(file).data)["verifiableCredential"][0])

    pdf = pdf_of(page)

    words = system.services.flow.words_in(language).page
    assert f"<bdi>{told.reference}</bdi>" in page.replace("<wbr>", "")
    assert words["reference"] in page
    assert told.reference in pdf.text()
    assert pdf.language[:2] == language[:2]
    assert pdf.about["Title"] == words["title"]


def test_a_card_says_when_it_was_issued_and_its_reference(client: FlaskClient, system: System) -> None:
    card = system.services.cards.issue(PEOPLE["ana"], "COVID-19")

    told = issued(card.jws)

    assert told.on == datetime.now().astimezone().date()
    assert re.fullmatch(r"\w{4}-\w{5}-\w{5}", told.reference)


@pytest.fixture
def crowded(system: System) -> Flask:
    """The app while everybody wants a picture."""
    site = build_app(system).extensions["vaxtext"]
    return create_app(replace(site, drawer=Drawer(in_turn=0)))


def test_where_too_many_ask_at_once_a_page_in_words_says_so(crowded: Flask, system: System) -> None:
    client = crowded.test_client()
    (picture,) = downloads(opened(client, system, "ana", "es"), "1.png")

    answer = client.get(picture)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert 'lang="es"' in answer.text
    assert "Hay muchas personas en este momento." in answer.text
    assert "Reyes" not in answer.text


def _media(client: redis.Redis) -> set[bytes]:
    return set(client.scan_iter("vt:m:*"))
