"""`vaxtext keys`: an operator makes, rotates and retires keys and revokes cards, and reads what it means."""

import json
import os
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cards.crl import Crls
from bot.cards.issuer import SmartHealthCards
from bot.cards.keys.folder import change, list_keys, new_key
from bot.cards.keys.key import CardKey, make_key
from bot.cards.keys.order import signing
from bot.cards.keys.ring import KeyRing
from bot.cards.reference import to_reference
from bot.cli import cli
from bot.ports import Card
from bot.records import Immunization, VaccineRecord
from bot.vaccines import COVID

pytestmark = pytest.mark.usefixtures("nobodys_settings")

DAY = timedelta(days=1)
ANA = VaccineRecord("p1", "Reyes", ("Ana",), date(1985, 3, 27), None, (Immunization("208", date(2021, 4, 8)),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "card_keys"


def vaxtext(*arguments: str, say: str = "") -> Result:
    return CliRunner().invoke(cli, ["keys", *arguments], input=say, catch_exceptions=False)


def made(folder: Path, ago: timedelta) -> CardKey:
    """A key that was made and put here some time ago."""
    key = new_key(folder, datetime.now(UTC) - ago)
    moment = key.created.timestamp()
    os.utime(folder / f"{key.kid}.jwk", (moment, moment))
    return key


def signs_now(folder: Path) -> CardKey:
    key = signing(list_keys(folder), datetime.now(UTC))
    assert key
    return key


def issue(who: VaccineRecord = ANA) -> Card:
    """A card as the worker makes it now."""
    return SmartHealthCards("https://x.example.gov", KeyRing(Path("var/card_keys")), Crls(Path("var/crl"))).issue(
        who, COVID
    )


def crl(kid: str) -> list[str]:
    entries: list[str] = Crls(Path("var/crl")).of(kid)["rids"]
    return entries


def test_list_shows_what_each_key_does_and_what_to_do_next(folder: Path) -> None:
    assert vaxtext("list").stdout == "No key can sign. Make one: vaxtext keys new\n"

    first = made(folder, 400 * DAY)
    assert re.fullmatch(
        rf"{first.kid}  signs since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n"
        r" {43}  made \d{4}-\d\d-\d\d, 13 months old; 0 revoked\n"
        r"The key that signs is older than a year\. Make the next one: vaxtext keys new\n",
        vaxtext("list").stdout,
    )

    second = made(folder, DAY / 48)
    shown = vaxtext("list").stdout
    assert re.search(rf"{second.kid}  next: public since .* UTC, signs nothing yet", shown)
    assert re.search(r"^Readers know the next key at .* UTC\. To let it sign: vaxtext keys rotate$", shown, re.M)


def test_list_says_that_the_next_key_may_sign(folder: Path) -> None:
    made(folder, 20 * DAY)
    made(folder, 10 * DAY)

    assert vaxtext("list").stdout.endswith("Readers know the next key. To let it sign: vaxtext keys rotate\n")


def test_list_says_when_the_next_key_is_due(folder: Path) -> None:
    key = made(folder, 100 * DAY)

    assert vaxtext("list").stdout.endswith(
        f"Make the next key before {key.created + 365 * DAY:%Y-%m-%d}: vaxtext keys new\n"
    )


def test_list_shows_nothing_of_a_private_half(folder: Path) -> None:
    key = made(folder, DAY)

    assert key.jwk["d"] not in vaxtext("list").output


def test_the_first_key_signs_and_the_next_one_waits(folder: Path) -> None:
    first = vaxtext("new").stdout
    assert (
        first
        == f"{signs_now(folder).kid} signs: there is no other. Beside others it would wait for 'vaxtext keys rotate'.\n"
    )

    second = vaxtext("new").stdout
    assert "signs nothing yet" in second
    assert "60 minutes or better a week; then: vaxtext keys rotate" in second
    assert signs_now(folder).kid in first


def test_rotate_waits_until_readers_know_the_key(folder: Path) -> None:
    first, second = made(folder, 20 * DAY), made(folder, DAY / 48)

    done = vaxtext("rotate")

    assert done.exit_code == 1
    assert f"{second.kid} has been public since" in done.stderr
    assert "Type this again after" in done.stderr
    assert "or add --now" in done.stderr
    assert signs_now(folder).kid == first.kid


def test_rotate_lets_the_next_key_sign(folder: Path) -> None:
    made(folder, 20 * DAY)
    second = made(folder, DAY)

    done = vaxtext("rotate")

    assert done.exit_code == 0
    assert re.match(rf"{second.kid} signs from .* UTC on\.\n", done.stdout)
    assert signs_now(folder).kid == second.kid


def test_rotate_in_a_hurry_says_from_when_it_signs(folder: Path) -> None:
    made(folder, 20 * DAY)
    second = made(folder, timedelta())

    done = vaxtext("rotate", "--now")

    assert f"{second.kid} signs from {second.public_since + timedelta(seconds=60):%Y-%m-%d %H:%M}" in done.stdout
    assert re.search(rf"{second.kid}  next: public since .*, signs from .* UTC on", vaxtext("list").stdout)


def test_retire_asks_and_erases_the_private_half(folder: Path) -> None:
    first = made(folder, 20 * DAY)
    made(folder, DAY)
    vaxtext("rotate")
    assert f"Erase it: vaxtext keys retire {first.kid}" in vaxtext("list").stdout

    refused = vaxtext("retire", first.kid, say="n\n")
    assert refused.exit_code == 1
    assert "the cards that it signed stay valid. Go on?" in refused.stdout
    assert [key.can_sign for key in list_keys(folder)] == [True, True]

    done = vaxtext("retire", first.kid, say="y\n")
    assert done.exit_code == 0
    assert [key.can_sign for key in list_keys(folder)] == [False, True]
    assert re.search(
        rf"{first.kid}  retired .*: its private half is erased, its cards stay valid", vaxtext("list").stdout
    )


def test_retire_of_a_leaked_key_says_what_it_costs(folder: Path) -> None:
    first = made(folder, 20 * DAY)
    made(folder, DAY)
    vaxtext("rotate")

    asked = vaxtext("retire", "--leaked", first.kid, say="n\n").stdout
    done = vaxtext("retire", "--leaked", "--yes", first.kid)

    assert "EVERY card that it signed ends, and people must ask again. Go on?" in asked
    assert done.stdout == f"{first.kid} is retired. Readers refuse its cards within the hour.\n"
    assert f"{first.kid}  leaked: not public since" in vaxtext("list").stdout


def test_the_key_that_signs_is_not_retired_and_nobody_is_asked(folder: Path) -> None:
    key = made(folder, DAY)

    done = vaxtext("retire", key.kid)

    assert done.exit_code == 1
    assert "Go on?" not in done.output
    assert "vaxtext keys new, then vaxtext keys rotate" in done.stderr


def test_a_key_id_that_looks_like_an_option_is_taken_for_what_it_is(folder: Path) -> None:
    first = made(folder, DAY)
    key = next(key for key in iter(lambda: make_key(datetime.now(UTC)), None) if key.kid.startswith("-"))
    change(folder, lambda _: key)

    done = vaxtext("retire", "--yes", key.kid)

    assert done.exit_code == 0
    assert [key.can_sign for key in list_keys(folder)] == [True, False]
    assert signs_now(folder).kid == first.kid


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """CARD_KEYS as a secret is mounted: links to files of somebody else."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "mounted").mkdir(mode=0o700)
    monkeypatch.setenv("CARD_KEYS", "mounted")
    return tmp_path / "mounted"


def put(mounted: Path, text: str, mode: int = 0o440) -> str:
    """Put a key's file where the secret comes from; its kid."""
    kid: str = json.loads(text)["kid"]
    source = mounted.with_name("secret") / kid
    source.unlink(missing_ok=True)
    source.write_text(text)
    source.chmod(mode)
    link = mounted / f"{kid}.jwk"
    link.unlink(missing_ok=True)
    link.symlink_to(source)
    return kid


def test_the_files_of_a_mounted_secret_are_printed_and_nothing_is_written(mounted: Path, folder: Path) -> None:
    first, second = (put(mounted, vaxtext("new", "--print").stdout) for _ in range(2))
    assert signs_now(mounted).kid == first

    assert "has been public since" in vaxtext("rotate", "--print").stderr
    hurry = vaxtext("rotate", "--now", "--print")
    assert put(mounted, hurry.stdout) == second
    assert f"This is the file {second}.jwk; put it where the keys come from, with a private key" in hurry.stderr
    assert f"{second} signs from" in hurry.stderr
    assert signing(list_keys(mounted), datetime.now(UTC) + DAY) == next(
        k for k in list_keys(mounted) if k.kid == second
    )

    later = {**json.loads(hurry.stdout), "signs_from": datetime.now(UTC).isoformat()}
    put(mounted, json.dumps(later))
    gone = vaxtext("retire", first, "--print")
    assert put(mounted, gone.stdout) == first
    assert '"d"' not in gone.stdout
    assert "private key" not in gone.stderr
    assert "Destroy the file that it replaces" in gone.stderr
    assert [key.can_sign for key in list_keys(mounted)] == [False, True]
    assert not folder.exists()


def test_a_mounted_secret_is_not_written_into(mounted: Path) -> None:
    put(mounted, make_key(datetime.now(UTC)).text(), mode=0o644)

    done = vaxtext("new")

    assert done.exit_code == 1
    assert "come from elsewhere" in done.stderr
    assert "Add --print" in done.stderr
    assert len(list(mounted.iterdir())) == 1
    assert "Every user of this machine may read" in vaxtext("list").stderr


def test_revocations_of_a_mounted_secret_are_kept_in_the_data_folder(mounted: Path, tmp_path: Path) -> None:
    kid = put(mounted, make_key(datetime.now(UTC)).text())

    vaxtext("revoke", to_reference("AAAAAAAAAAA"))

    assert [path.name for path in (tmp_path / "var" / "crl").glob("*.json")] == [f"{kid}.json"]
    assert (tmp_path / "var" / "crl" / f"{kid}.json").stat().st_mode & 0o777 == 0o600


def test_a_card_is_revoked_by_its_reference_and_a_new_one_is_not(folder: Path) -> None:
    key = made(folder, DAY)
    card = issue()
    before = int(datetime.now(UTC).timestamp())

    done = vaxtext("revoke", to_reference(card.rid).lower())

    (entry,) = crl(key.kid)
    rid, _, time = entry.partition(".")
    assert rid == card.rid
    assert before < int(time) <= before + 2
    assert re.match(
        r"The cards that were signed before .* UTC are revoked\. Readers see it within 60 minutes", done.stdout
    )
    assert "1 revoked" in vaxtext("list").stdout


def test_a_reference_goes_to_the_list_of_every_key_that_has_signed(folder: Path) -> None:
    first, second, third = made(folder, 30 * DAY), made(folder, 20 * DAY), made(folder, 10 * DAY)
    vaxtext("rotate")

    vaxtext("revoke", to_reference("AAAAAAAAAAA"))

    assert [len(crl(key.kid)) for key in (first, second, third)] == [1, 1, 0]


@pytest.mark.parametrize("asked", [False, True], ids=["given", "asked for"])
def test_all_cards_of_a_patient_are_revoked_under_every_key_also_retired_ones(asked: bool, folder: Path) -> None:
    first, second = made(folder, 30 * DAY), made(folder, 20 * DAY)
    old = issue()
    vaxtext("rotate")
    new = issue()
    vaxtext("retire", "--yes", first.kid)

    done = vaxtext("revoke", "--patient-id", *([] if asked else ["p1"]), say="p1\n" if asked else "")

    assert done.exit_code == 0
    assert [crl(key.kid)[0].partition(".")[0] for key in (first, second)] == [old.rid, new.rid]
    assert old.rid != new.rid


def test_for_good_asks_and_has_no_time(folder: Path) -> None:
    key = made(folder, DAY)
    card = issue()

    refused = vaxtext("revoke", "--for-good", to_reference(card.rid), say="n\n")
    assert refused.exit_code == 1
    assert crl(key.kid) == []

    done = vaxtext("revoke", "--for-good", "--yes", to_reference(card.rid))
    assert done.stdout.startswith("The cards are revoked.")
    assert crl(key.kid) == [card.rid]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name the reference number of a card, or --patient-id."),
        (["0000-00000-00000", "--patient-id", "p1"], "Name the reference number of a card, or --patient-id."),
        (["0000-00000-00001"], "a letter or digit of this reference number is wrong"),
        (["0000"], "has 14 letters and digits, this has 4"),
    ],
    ids=["nothing", "both", "wrong", "short"],
)
def test_what_cannot_be_revoked_is_said_in_words(arguments: list[str], said: str, folder: Path) -> None:
    key = made(folder, DAY)

    done = vaxtext("revoke", *arguments)

    assert done.exit_code != 0
    assert said in done.stderr
    assert crl(key.kid) == []


def test_without_keys_nothing_is_revoked() -> None:
    done = vaxtext("revoke", "0000-00000-00000")

    assert done.exit_code == 1
    assert "No key in var/card_keys has signed a card." in done.stderr


def test_a_broken_key_file_is_named_without_a_traceback(folder: Path) -> None:
    made(folder, DAY)
    (folder / "broken.jwk").write_text("{")
    (folder / "broken.jwk").chmod(0o600)

    for command in ("list", "new", "rotate"):
        done = vaxtext(command)
        assert done.exit_code == 1
        assert "broken.jwk is not a card key" in done.stderr


def test_a_folder_that_is_a_file_is_said_in_words(folder: Path) -> None:
    folder.parent.mkdir()
    shutil.copy(__file__, folder)

    done = vaxtext("new")

    assert done.exit_code == 1
    assert str(folder.name) in done.stderr
