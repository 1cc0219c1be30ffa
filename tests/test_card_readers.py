"""Readers that others made take our cards, and refuse what is expired, revoked, or signed by a key that leaked."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes.card_readers import healthcards_verifies, kill_the_clipboard
from generated_records import generated_records
from issued_cards import issued
from werkzeug.serving import make_server

from bot.cards.crl import Crls
from bot.cards.issuer import SmartHealthCards
from bot.cards.jws import deflate, inflate, sign
from bot.cards.keys.changes import retired, rotated
from bot.cards.keys.folder import change, new_key
from bot.cards.keys.ring import KeyRing
from bot.cards.reference import to_reference
from bot.cards.rid import rid_of
from bot.cli import cli
from bot.iis.demo_people import demo_people
from bot.ports import Card
from bot.transcripts.app import Clock
from bot.vaccines import COVID
from bot.wiring import System, build_app

Reader = Callable[[str, str], str]
PEOPLE = {person.key: person.record for person in demo_people() if person.record.immunizations}


@dataclass
class Office:
    """An issuer at an address of its own, as web, worker and operator see it."""

    url: str
    folder: Path  # DATA_DIR
    clock: Clock

    @property
    def cards(self) -> SmartHealthCards:
        return SmartHealthCards(self.url, self.ring, Crls(self.folder / "crl"), now=self.clock)

    @property
    def ring(self) -> KeyRing:
        return KeyRing(self.folder / "card_keys")

    def issue(self, who: str = "ana") -> Card:
        return self.cards.issue(PEOPLE[who], COVID)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def rotate(self) -> str:
        """Make a key and let it sign as soon as every reader can know it; the kid of the one before."""
        before = self.ring.signing(self.clock()).kid
        new_key(self.folder / "card_keys")
        self.clock.wait(3700)
        change(self.folder / "card_keys", lambda keys: rotated(keys, self.now()))
        return before

    def revoke(self, *arguments: str) -> None:
        done = CliRunner().invoke(cli, ["keys", "revoke", *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output


@pytest.fixture
def office(system: System, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    server = make_server("127.0.0.1", 0, build_app(system), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("DATA_DIR", str(system.settings.data_dir))
    yield Office(f"http://127.0.0.1:{server.server_port}", system.settings.data_dir, Clock(time.time()))
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with kill_the_clipboard() as reader:
        yield reader


@pytest.mark.parametrize("who", PEOPLE)
def test_the_card_of_every_demo_person_is_valid(who: str, office: Office, reader: Reader) -> None:
    card = office.issue(who)

    assert reader(office.url, card.jws) == "valid"
    assert healthcards_verifies(card.jws)


def test_the_cards_of_hundreds_of_ugly_records_are_valid(office: Office, reader: Reader) -> None:
    made = [card.jws for card in issued(office.cards, generated_records(), office.url)]

    assert len(made) > 300
    assert {reader(office.url, jws) for jws in made} == {"valid"}
    assert all(healthcards_verifies(jws) for jws in made)


def test_a_card_that_somebody_changed_is_refused(office: Office, reader: Reader) -> None:
    ana, omar = office.issue("ana").jws.split("."), office.issue("omar").jws.split(".")
    forged = ".".join([*ana[:2], omar[2]])

    assert reader(office.url, forged) == "BAD_SIGNATURE"
    assert not healthcards_verifies(forged)


@pytest.mark.parametrize(("seconds", "says"), [(3600, "valid"), (-3600, "EXPIRED")], ids=["later", "past"])
def test_an_expiry_date_is_kept(seconds: int, says: str, office: Office, reader: Reader) -> None:
    """Our cards have none; a key of ours could sign one."""
    key = office.ring.signing(office.clock())
    claims = inflate(base64url(office.issue().jws.split(".")[1]))
    until = {**claims, "nbf": claims["nbf"] - 7200, "exp": claims["nbf"] + seconds}

    assert reader(office.url, sign(deflate(until), key.ec)) == says


def test_a_revoked_card_is_refused_and_the_corrected_one_is_valid(office: Office, reader: Reader) -> None:
    before, others = office.issue("ana"), office.issue("omar")
    assert reader(office.url, before.jws) == "valid"

    office.revoke(to_reference(before.rid))
    office.clock.wait(3)
    after = office.issue("ana")

    assert after.rid == before.rid
    assert [reader(office.url, card.jws) for card in (before, after, others)] == ["SHC_REVOKED", "valid", "valid"]


def test_a_card_can_be_revoked_again_after_it_was_issued_again(office: Office, reader: Reader) -> None:
    cards = [office.issue("ana")]
    office.revoke(to_reference(cards[0].rid))
    office.clock.seconds = time.time() + 2
    cards.append(office.issue("ana"))
    office.clock.wait(5)
    key = office.ring.signing(office.clock())

    Crls(office.folder / "crl").revoke({key.kid: cards[0].rid}, int(office.clock()))
    office.clock.wait(1)
    cards.append(office.issue("ana"))

    assert [reader(office.url, card.jws) for card in cards] == ["SHC_REVOKED", "SHC_REVOKED", "valid"]


def test_for_good_ends_later_cards_of_the_same_key_too(office: Office, reader: Reader) -> None:
    card = office.issue("ana")

    office.revoke("--for-good", "--yes", to_reference(card.rid))
    office.clock.wait(3)

    assert [reader(office.url, jws) for jws in (card.jws, office.issue("ana").jws)] == ["SHC_REVOKED"] * 2


def test_cards_of_before_and_after_a_rotation_are_valid_and_revoked_together_by_patient(
    office: Office, reader: Reader
) -> None:
    old = office.issue("ana")
    retire = office.rotate()
    change(office.folder / "card_keys", lambda keys: retired(keys, retire, office.now()))
    new, others = office.issue("ana"), office.issue("omar")
    assert [reader(office.url, card.jws) for card in (old, new, others)] == ["valid"] * 3
    assert all(healthcards_verifies(card.jws) for card in (old, new, others))

    keys = {key.kid: rid_of(key.rid_secret, key.kid, PEOPLE["ana"].patient_id) for key in office.ring.published()}
    Crls(office.folder / "crl").revoke(keys, int(office.clock()) + 1)
    office.clock.wait(3)

    assert [reader(office.url, card.jws) for card in (old, new, others)] == ["SHC_REVOKED", "SHC_REVOKED", "valid"]
    assert reader(office.url, office.issue("ana").jws) == "valid"


def test_the_cards_of_a_leaked_key_are_refused_and_all_others_are_valid(office: Office, reader: Reader) -> None:
    card = office.issue()
    leaked = office.rotate()

    change(office.folder / "card_keys", lambda keys: retired(keys, leaked, office.now(), leaked=True))

    assert reader(office.url, card.jws) == "VERIFICATION_ERROR"
    assert reader(office.url, office.issue().jws) == "valid"


def base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
