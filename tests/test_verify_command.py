"""`vaxtext verify`: one word for whether a card holds, whose it is, and an exit status for scripts."""

import io
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import PUBLIC_URL
from photograph import Shot, as_jpeg, photograph
from PIL import Image
from vectors.claims import claims_of
from vectors.every import every_vector
from vectors.issued import ANA
from vectors.issuers import Issuers
from vectors.signing import Key, as_code

from bot.cards import qr
from bot.cards.given import Kind
from bot.cards.issuer import card_file
from bot.cli import cli
from bot.ports import Services
from bot.vaccines import COVID
from bot.web.record import APPLE_HEALTH
from bot.wiring import System

FLOW = Path(__file__).parent.parent / "flows" / "vaccine_record"
VALID, NOT_VALID, CANNOT_BE_READ = 0, 1, 2


@pytest.fixture
def issuers() -> Issuers:
    return Issuers()


@pytest.fixture(autouse=True)
def _settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: System, issuers: Issuers, nobodys_settings: None
) -> None:
    """Those of a machine that issues cards: made first, for the flow that it names begins where we are."""
    monkeypatch.setenv("DATA_DIR", str(system.settings.data_dir))
    monkeypatch.setenv("CARD_ISSUER", PUBLIC_URL)
    monkeypatch.setenv("TRUSTED_ISSUERS", str(issuers.write(tmp_path / "trust.json")))
    monkeypatch.setenv("FLOW", str(FLOW))


@pytest.fixture
def card(services: Services) -> str:
    """Ana's, of our own."""
    return services.cards.issue(ANA, COVID).jws


def verify(*arguments: str | Path, given: str | bytes = b"") -> Result:
    return CliRunner().invoke(cli, ["verify", *map(str, arguments)], input=given, catch_exceptions=False)


def test_a_good_card_says_by_whom_it_is_signed_and_all_that_it_holds(card: str) -> None:
    done = verify(as_code(card))

    assert done.exit_code == VALID
    assert done.output.splitlines() == [
        f"VERIFIED: signed by this service ({PUBLIC_URL}), not revoked",
        "  Name        Ana María Reyes Jr.",
        "  Birth date  1985-03-27",
        "  Dose 1      2021-03-18  Pfizer-BioNTech  lot EW0162  Kaiser",
        "  Compare name and birth date with a photo ID.",
    ]


@pytest.mark.parametrize(
    "way",
    ["code", "JWS", "link", "card file", "text file", "PNG", "photograph", "transparent", "stdin", "stdin PNG"],
)
def test_a_card_is_taken_in_every_form(card: str, tmp_path: Path, way: str) -> None:
    file, given = tmp_path / "card", b""
    clear = Image.open(io.BytesIO(qr.png(card))).convert("L")
    ink = Image.new("LA", clear.size)
    ink.putalpha(clear.point(lambda value: 255 - value))
    see_through = io.BytesIO()
    ink.save(see_through, "PNG")
    content = {
        "card file": card_file(card),
        "text file": as_code(card).encode(),
        "PNG": qr.png(card),
        "photograph": as_jpeg(photograph(card)),
        "transparent": see_through.getvalue(),
        "stdin": card.encode(),
        "stdin PNG": qr.png(card),
    }
    if way in content:
        file.write_bytes(content[way])
    argument: str | Path = {"code": as_code(card), "JWS": card, "link": APPLE_HEALTH + qr.numeric(card)}.get(way, file)
    if way.startswith("stdin"):
        argument, given = "-", content[way]

    done = verify(argument, given=given)

    assert (done.exit_code, done.output.split()[0]) == (VALID, "VERIFIED:")


def test_every_vector_has_the_exit_status_of_what_is_said(issuers: Issuers, services: Services) -> None:
    vectors = [vector for vector in every_vector(issuers, services.cards, PUBLIC_URL) if vector.text]

    said = {vector.name: verify("-", given=vector.text.encode()).exit_code for vector in vectors}

    assert said == {
        vector.name: CANNOT_BE_READ if {*Kind} & {*vector.says} else int({*vector.says} != {"verified"})
        for vector in vectors
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("signature: zeros", "WRONG SIGNATURE: the card was changed or made up"),
        (
            "moment: nbf in the future",
            "NOT YET VALID: signed by Neighbour (https://neighbour.example.org/vax), valid from 2",
        ),
        ("moment: nbf beyond every calendar", "valid from a time that no calendar has"),
        ("moment: exp zero", "valid until 1970-01-01"),
        (
            "revocation: a listed id",
            "REVOKED: Careful (https://careful.example.org/vax) signed this card and has revoked it",
        ),
        ("revocation: a key whose list is missing", "NOT CHECKED: signed by Silent"),
        ("key: an empty kid", "WRONG SIGNATURE: the card says that it comes from Neighbour"),
        ("doses: only a test", "NO DOSE: truly signed by Neighbour"),
        ("remains: half a code", "damaged or cut off; scan or copy it again, whole"),
        ("remains: a digit lost", "NOT A WHOLE CARD: this looks like a SMART Health Card"),
        ("remains: two parts of a JWS", "NOT A WHOLE CARD: this looks like a SMART Health Card"),
        ("no card: nothing", "CANNOT BE READ: there is nothing here; give a .smart-health-card file"),
        ("no card: the link to a record", "CANNOT BE READ: this is a link"),
        ("no card: a link", "CANNOT BE READ: this is a link"),
        ("no card: an EU certificate", "CANNOT BE READ: this is a certificate of the European Union"),
        ("no card: one of several codes", "CANNOT BE READ: this is one of several codes"),
        ("no card: too long", "CANNOT BE READ: this is larger than any card"),
    ],
)
def test_what_is_wrong_is_said_in_words(issuers: Issuers, services: Services, name: str, words: str) -> None:
    (vector,) = [vector for vector in every_vector(issuers, services.cards, PUBLIC_URL) if vector.name == name]

    done = verify("-", given=vector.text.encode())

    assert words in done.output
    assert "Ana" not in done.output or "NO DOSE" in words


def test_two_cards_of_which_one_has_expired_are_not_valid(issuers: Issuers) -> None:
    key, iss = issuers.neighbour.key, issuers.neighbour.iss
    both = card_file(key.sign(claims_of(iss)), key.sign(claims_of(iss, exp=1)))

    done = verify("-", given=both)

    assert done.exit_code == NOT_VALID
    assert "VERIFIED: " in done.output
    assert "EXPIRED: " in done.output


def test_several_codes_of_one_picture_are_several_cards(card: str, issuers: Issuers) -> None:
    other = issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss))
    sheet = Image.new("L", (1700, 850), 255)
    for at, one in enumerate((card, other)):
        sheet.paste(Image.open(io.BytesIO(qr.png(one))).convert("L"), (at * 850, 0))

    done = verify("-", given=as_jpeg(sheet, Shot(quality=90)))

    assert done.exit_code == VALID
    assert done.output.count("VERIFIED") == 2


def test_json_is_for_other_programs(card: str) -> None:
    done = verify("--json", card)

    (told,) = json.loads(done.output)["cards"]
    assert done.exit_code == VALID
    assert told["valid"] is True
    assert (told["verdict"], told["iss"], told["name"]) == ("verified", PUBLIC_URL, "Ana María Reyes Jr.")
    assert told["doses"] == [
        {"date": "2021-03-18", "cvx": "208", "product": "Pfizer-BioNTech", "lot": "EW0162", "place": "Kaiser"}
    ]
    assert "name" not in json.loads(verify("--json", card[:-4] + "AAAA").output)["cards"][0]
    assert json.loads(verify("--json", "hello").output).keys() == {"error"}


def test_a_card_cannot_write_on_the_terminal_as_it_likes(issuers: Issuers) -> None:
    patient = {"resourceType": "Patient", "name": [{"family": "Re\x1b[2Jyes\u202e\ud800", "given": ["می\u200cخواهم"]}]}
    card = issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss, patient=patient))
    strange = Key().sign(claims_of("https://x\x1b]0;title\x07.example.org"))

    done, other = verify(card), verify(strange)

    assert "  Name        می\u200cخواهم Re[2Jyes\n" in done.output
    assert not any(sign in done.output + other.output for sign in ("\x1b", "\u202e", "\ud800", "\x07"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "there is nothing here; give a .smart-health-card file"),
        (b"\r\n \n", "there is nothing here; give a .smart-health-card file"),
        (b"\xff\xfe\x00", "this is no SMART Health Card; give a .smart-health-card file"),
        (bytes(range(256)) * 4000, "this is no SMART Health Card; give a .smart-health-card file"),
        (b"\x89PNG\r\n\x1a\nbroken", "the picture is broken"),
        (b"%PDF-1.7\n", "the PDF is broken"),
    ],
    ids=["empty", "blank", "binary", "a megabyte of binary", "broken picture", "broken PDF"],
)
def test_a_file_without_a_card_is_said_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "file").write_bytes(content)

    done = verify("file")

    assert done.exit_code == CANNOT_BE_READ
    assert words in done.output


def test_names_that_lead_nowhere_are_said_in_words(tmp_path: Path) -> None:
    assert "there is no such file" in verify("nowhere.png").output
    assert "there is no such file" in verify("\udcff").output
    assert f"{tmp_path} is a folder; give a file in it" in verify(tmp_path).output
    assert verify("x" * 5000).exit_code == verify("a\0b").exit_code == CANNOT_BE_READ


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_nothing_is_not_taken_for_the_folder_where_we_are(blank: str) -> None:
    done = verify(blank)

    assert done.exit_code == CANNOT_BE_READ
    assert "there is nothing here; give a" in done.output


def test_a_file_that_cannot_be_read_is_said_with_the_reason(tmp_path: Path) -> None:
    strange = tmp_path / "round\x1b[2J\udcff"
    strange.symlink_to(strange)

    done = verify(strange)

    assert done.exit_code == CANNOT_BE_READ
    assert f"CANNOT BE READ: {tmp_path}/round[2J cannot be read: Too many levels of symbolic links." in done.output
    assert "cannot be read: Input/output error" in verify("/proc/self/mem").output


def test_without_a_standard_input_there_is_nothing() -> None:
    command = [sys.executable, "-m", "bot.cli", "verify", "-"]

    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (CANNOT_BE_READ, "")
    assert "there is nothing here" in done.stdout


def test_a_picture_without_a_code_is_said_in_words(tmp_path: Path) -> None:
    Image.new("L", (400, 400), 200).save(tmp_path / "grey.png")

    assert "there is no QR code in the picture" in verify("grey.png").output


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000], ids=["64 million pixels", "144 million", "3,600 million"])
def test_a_picture_bomb_is_not_unpacked(tmp_path: Path, side: int) -> None:
    (tmp_path / "bomb.png").write_bytes(png_of(side))

    done = verify("bomb.png")

    assert done.exit_code == CANNOT_BE_READ
    assert "more than 50,000,000 pixels" in done.output


def test_a_file_of_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1_000_000_000)

    done = verify("huge")

    assert done.exit_code == CANNOT_BE_READ
    assert "larger than any card" in done.output


def test_keys_from_a_file_stand_for_ours(tmp_path: Path, card: str) -> None:
    key = Key()
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [key.jwk]}))

    assert verify("--jwks", "jwks.json", key.sign(claims_of(PUBLIC_URL))).exit_code == VALID
    assert verify("--jwks", "jwks.json", card).exit_code == NOT_VALID


@pytest.mark.parametrize(
    ("jwks", "words"),
    [
        ("nowhere.json", "nowhere.json cannot be read: No such file"),
        ("private.json", "this is a private key"),
        ("text.json", "is no set of public keys"),
        ("https://example.org/keys", "write an address as https://ISSUER/.well-known/jwks.json"),
        ("http://example.org/.well-known/jwks.json", "write an address as https://"),
        ("https://127.0.0.1:1/.well-known/jwks.json", "--jwks: no connection: Connection refused"),
    ],
)
def test_keys_that_cannot_be_had_are_no_verdict_on_a_card(tmp_path: Path, card: str, jwks: str, words: str) -> None:
    (tmp_path / "private.json").write_text(json.dumps({"keys": [{**Key().jwk, "d": "x"}]}))
    (tmp_path / "text.json").write_text("hello")

    done = verify("--jwks", jwks, card)

    assert done.exit_code == CANNOT_BE_READ
    assert words in " ".join(done.output.split())


def test_a_broken_setting_is_no_verdict_on_a_card(monkeypatch: pytest.MonkeyPatch, card: str) -> None:
    monkeypatch.setenv("TRUSTED_ISSUERS", "nowhere.json")

    done = verify(card)

    assert done.exit_code == CANNOT_BE_READ
    assert "TRUSTED_ISSUERS: nowhere.json cannot be read" in done.output


def test_a_machine_without_keys_believes_the_list_alone_and_makes_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, card: str, issuers: Issuers
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))

    assert verify(issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss))).exit_code == VALID
    assert "UNKNOWN ISSUER" in verify(card).output
    assert not (tmp_path / "elsewhere").exists()


def test_names_that_staff_have_added_are_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, card: str) -> None:
    (tmp_path / "flow").mkdir()
    (tmp_path / "flow" / "vaccines.csv").write_text("cvx,product,groups\n208,Comirnaty,COVID-19\n")
    monkeypatch.setenv("FLOW", str(tmp_path / "flow"))

    assert "Comirnaty" in verify(card).output


def png_of(side: int) -> bytes:
    """A white picture of so many pixels in a few kilobytes."""
    lines = zlib.compressobj(9)
    row = b"\0" + b"\xff" * (side // 8)
    data = b"".join(lines.compress(row) for _ in range(min(side, 1000))) + lines.flush()
    header = side.to_bytes(4) * 2 + bytes([1, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks(((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))))


def chunks(parts: tuple[tuple[bytes, bytes], ...]) -> Iterator[bytes]:
    for name, data in parts:
        yield len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)
