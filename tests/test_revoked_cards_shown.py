"""A card that was taken back: its link says so, shows nothing of it, and what was offered before is given no more."""

import json
import re
from datetime import UTC, datetime

import pytest
from drawings import Pdf, scan
from fakes.post_office import ANSWERS, PostOffice
from flask.testing import FlaskClient
from showing import EVERYTHING, PEOPLE, PIN, seal, seal_groups, signed_groups, take_back
from test_drawn_downloads import card_in, downloads
from test_link_again import accept_without_fetching

from bot.cards.crl import Crls
from bot.cards.issuer import SmartHealthCards
from bot.cards.jws import read_unproven
from bot.cards.keys.folder import list_keys, new_key, write_key
from bot.cards.keys.key import changed
from bot.cards.keys.ring import KeyRing
from bot.cards.qr import decode_numeric
from bot.cards.reference import to_reference
from bot.ports import Card
from bot.wiring import System

IPHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)"}
LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl")
ANA, ELENA, LARS = PEOPLE["ana"], PEOPLE["elena"], PEOPLE["lars"]


@pytest.fixture
def crls(system: System) -> Crls:
    return Crls(system.settings.crl_folder)


def opened(client: FlaskClient, token: str) -> str:
    page = client.post(f"/r/{token}", data={"pin": PIN}, headers=IPHONE)
    assert page.status_code == 200
    return page.text


def all_downloads(page: str) -> list[str]:
    return re.findall(r'href="(/m/[^"]+)"', page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_so_with_the_help_line_and_shows_nothing_of_the_card(
    language: str, client: FlaskClient, system: System, crls: Crls
) -> None:
    groups = signed_groups(system.services, ANA)
    token = seal_groups(system.services, ANA, groups, language)
    assert "EW0162" in opened(client, token)

    take_back(crls, groups)

    page, words = opened(client, token), system.services.flow.words_in(language).page
    assert f"<h1>{words['revoked_title']}</h1>" in page
    assert system.services.flow.values["help_line"] in page
    for piece in ("Ana", "Reyes", "1985", "EW0162", "2021", 'class="qr"', "<img", "/m/", "apple.com", "shc:/"):
        assert piece not in page.partition("<main>")[2], piece


def test_it_still_takes_the_pin_and_gives_the_number_for_the_help_line(
    client: FlaskClient, system: System, crls: Crls
) -> None:
    groups = signed_groups(system.services, ANA)
    token = seal_groups(system.services, ANA, groups)
    take_back(crls, groups)

    wrong = client.post(f"/r/{token}", data={"pin": "9173"})

    assert (wrong.status_code, "4</bdi> tries" in wrong.text, "this card" in wrong.text) == (403, True, False)
    rid = read_unproven(groups[0].jws).claims["vc"]["rid"]
    assert to_reference(rid) in opened(client, token).replace("<wbr>", "")


def test_what_was_offered_before_is_no_longer_given(client: FlaskClient, system: System, crls: Crls) -> None:
    groups = signed_groups(system.services, ANA)
    page = opened(client, seal_groups(system.services, ANA, groups))
    drawn, file = downloads(page, "1.png"), downloads(page, ".smart-health-card")
    assert [client.get(path).status_code for path in drawn + file] == [200, 200]  # one is drawn and kept by now

    take_back(crls, groups)

    assert len(all_downloads(page)) == 3
    for path in all_downloads(page):
        assert client.get(path).status_code == client.head(path).status_code == 404, path


def test_doses_on_no_card_are_not_shown_either_where_every_card_was_taken_back(
    client: FlaskClient, system: System, crls: Crls
) -> None:
    groups = signed_groups(system.services, LARS)
    assert [bool(group.jws) for group in groups] == [True, False]
    take_back(crls, groups)

    page = opened(client, seal_groups(system.services, LARS, groups))

    assert "999" not in page
    assert "Eriksen" not in page


@pytest.fixture
def half(client: FlaskClient, system: System, crls: Crls) -> tuple[str, str, list[str]]:
    """Elena's page before and after two of her seven cards were taken back, and the five others."""
    groups = signed_groups(system.services, ELENA, show=EVERYTHING, apart=2)
    token = seal_groups(system.services, ELENA, groups)
    before = opened(client, token)
    for path in all_downloads(before):
        assert client.get(path).status_code == 200
    take_back(crls, groups[:2])
    return before, opened(client, token), [group.jws for group in groups[2:]]


def test_a_group_that_was_not_taken_back_is_shown_as_ever(half: tuple[str, str, list[str]]) -> None:
    before, page, left = half

    assert (before.count('class="qr"'), page.count('class="qr"')) == (7, len(left))
    assert "Elena" in page
    assert page.count("We have taken this card back.") == 2
    assert page.count("redirect.health.apple.com") == 5
    assert page.index(">COVID-19</h2>") < page.index("We have taken this card back.")
    assert page.count("You can save for") == 1


def test_and_can_be_saved_from_the_page_before_and_after(half: tuple[str, str, list[str]], client: FlaskClient) -> None:
    before, page, left = half
    for seen in (before, page):
        pictures = downloads(seen, ".png")[-5:]
        (pdf,), (file,) = downloads(seen, ".pdf"), downloads(seen, ".smart-health-card")

        assert [card_in(client, path) for path in pictures[:2]] == left[:2]
        assert json.loads(client.get(file).data)["verifiableCredential"] == left
        drawn = Pdf(client.get(pdf).data)
        assert (len(drawn), decode_numeric(scan(drawn.drawn()).text)) == (5, left[0])
        drawn.close()
    assert [client.get(path).status_code for path in downloads(before, ".png")[:2]] == [404, 404]


def test_a_card_that_is_got_after_that_is_good(system: System, crls: Crls) -> None:
    before = system.services.cards.issue(ANA, "COVID-19")
    assert isinstance(before, Card)
    signed = read_unproven(before.jws)
    crls.revoke({signed.kid: before.rid}, signed.claims["nbf"] + 1)
    ring = KeyRing(system.settings.card_keys_folder)

    after = SmartHealthCards("https://bot.example.org", ring, crls, lambda: signed.claims["nbf"] + 1).issue(
        ANA, "COVID-19"
    )

    assert isinstance(after, Card)
    assert system.services.cards.is_revoked(before.jws)
    assert not system.services.cards.is_revoked(after.jws)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\x89PNG\ufffd"])
def test_what_is_no_card_is_refused(text: str, system: System) -> None:
    assert system.services.cards.is_revoked(text)


def test_the_cards_of_a_key_that_leaked_are_taken_back(client: FlaskClient, system: System) -> None:
    token = seal(system.services, ANA)
    folder, now = system.settings.card_keys_folder, datetime.now(UTC)
    (leaked,) = list_keys(folder)
    write_key(folder, changed(new_key(folder), signs_from=now))
    assert "EW0162" in opened(client, token)

    write_key(folder, changed(leaked, retired=now, leaked=now))

    assert "We have taken this card back." in opened(client, token)


def test_a_picture_message_shows_a_card_that_was_taken_back_no_more(
    post: PostOffice, client: FlaskClient, crls: Crls, system: System
) -> None:
    post.twilio.accept = accept_without_fetching(post)  # type: ignore[method-assign]
    post.ask(*ANSWERS[:-1], "picture")
    post.send()
    (path,) = (
        str(sent.media_url).removeprefix("https://bot.example.org") for sent in post.twilio.to(post.phone.number)
    )
    assert card_in(client, path)

    take_back(crls, signed_groups(system.services, ANA))

    assert client.get(path).status_code == client.head(path).status_code == 404
    assert str(post.phone.text("picture")).startswith("We last sent a picture")


def test_whose_cards_are_revoked_for_good_gets_a_link_instead_of_a_picture_and_reads_why(
    post: PostOffice, client: FlaskClient, crls: Crls, system: System
) -> None:
    take_back(crls, signed_groups(system.services, ANA))

    post.ask(*ANSWERS[:-1], "picture")
    post.send()

    (body,) = post.bodies()
    assert "We have taken this card back." in opened(client, body.partition("/r/")[2].split()[0])
