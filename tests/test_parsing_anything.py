"""Every parser reads what it gets or raises its own error, in time that grows no faster than the text."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from anything import FLOW, bodies
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.checking import check_card
from bot.cards.given import NotACard, cards_in
from bot.cards.jws import InvalidCard, read_unproven
from bot.cards.trust import Directory, TrustBroken, read_directory
from bot.config import SettingsWrong, read_settings
from bot.conversation import carrier, menus
from bot.conversation.answers import CHECKS, Asked
from bot.conversation.flow_files import check_flow
from bot.conversation.folding import fold, visible
from bot.conversation.gsm7 import segments
from bot.conversation.problems import FlowBroken
from bot.delivery.accounts import Account, accounts_with
from bot.delivery.smtp import SmtpAddress
from bot.delivery.twilio_status import report_of
from bot.fault_points import read_faults
from bot.flow_folder import read_folder
from bot.iis.hl7v2.decoding import decode
from bot.iis.hl7v2.errors import MessageError
from bot.iis.hl7v2.response import parse_rsp
from bot.iis.loading.files import read_files
from bot.iis.opening import check_url
from bot.iis.soap.transport import _is_soap
from bot.transcripts.reading import TranscriptBroken, parse
from bot.translation.table import read as read_table
from bot.web.languages import best_language

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
FILES = read_folder(FOLDER)
CHAT = (FOLDER / "chats" / "email.chat").read_text(encoding="utf-8")
RSP = (
    "MSH|^~\\&|IIS|STATE|VAX|HD|20240618083101-0400||RSP^K11^RSP_K11|1|P|2.5.1|||||||||Z32^CDCPHINVS\rMSA|AA|q1\r"
    "QAK|q1|OK|Z34^Request Immunization History^CDCPHINVS\rQPD|Z34^Request Immunization History^CDCPHINVS|q1\r"
    "PID|1||123^^^STATE^SR||Reyes^Ana^^^^^L||19850327|F|||||^PRN^CP^^1^360^5550100\r"
    "ORC|RE||9^STATE\rRXA|0|1|20210408||208^Pfizer^CVX|0.3|mL^^UCUM||00^New^NIP001|||||||EW0162||PFR^Pfizer^MVX|||CP|A\r"
)
CSV = (
    "person_id,family,given,birth_date,cvx,date,phone,lot\np1,Reyes,Ana,1985-03-27,208,2021-04-08,360-555-0100,EW0162\n"
)
FHIR = (
    '{"resourceType":"Patient","id":"p1","name":[{"family":"Reyes","given":["Ana"]}],"birthDate":"1985-03-27",'
    '"telecom":[{"system":"phone","value":"+13605550100"}]}\n{"resourceType":"Immunization","id":"d1","status":'
    '"completed","patient":{"reference":"Patient/p1"},"vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx",'
    '"code":"208"}]},"occurrenceDateTime":"2021-04-08","lotNumber":"EW0162"}\n'
)
TRUST = (
    '{"participating_issuers":[{"iss":"https://a.example.org","name":"A","keys":[{"kty":"EC","kid":"k"}],"crls":[]}]}'
)
SENDERS = (
    '[[account]]\naccount_sid = "AC%s"\nauth_token = "t"\nsenders = ["+15555550101"]\nrates = {"12345" = 10}\n'
    % ("b" * 32)
)
SOAP = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><a b="c">d</a></s:Body></s:Envelope>'
TABLE = "key\tnote\ten\tes\nsay.welcome\t\tHello\tHola\n"
JWS = "eyJ6aXAiOiJERUYiLCJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.q1YqSwUA.AAAA"
SECOND_FIRST = Account("AC" + "a" * 32, ("t",), ("+15555550199",))


DAY = date(2026, 11, 26)
KINDS = ("person_name", "middle_name", "date_of_birth", "contact", "new_pin")
LONG = 20_000  # characters of a file; a text has 1,600
SECONDS = 1.0  # of the processor, for what takes a tenth of it where nothing runs away


@dataclass(frozen=True)
class Parser:
    """`run` gets a text and a file of its own to write it to; `errors` are those that its callers know."""

    run: Callable[[str, Path], object]
    seed: str
    errors: tuple[type[Exception], ...] = ()
    longest: int = LONG


def written(read: Callable[[Path], object]) -> Callable[[str, Path], object]:
    def run(text: str, path: Path) -> object:
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return read(path)

    return run


def plain(read: Callable[[str], object]) -> Callable[[str, Path], object]:
    return lambda text, path: read(text)


def load(suffix: str) -> Callable[[str, Path], object]:
    def run(text: str, path: Path) -> object:
        file = path.with_suffix(suffix)
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        return list(read_files([file], lambda read: None))

    return run


def answer(kind: str) -> Callable[[str], object]:
    def check(text: str) -> object:
        asked = Asked(FLOW.words["en"], FLOW.languages, {}, DAY, "+13605550100", {"birth_date": "1985-03-27"}, {})
        return CHECKS[kind].run(visible(text[:1600]), asked)

    return check


def setting(name: str) -> Callable[[str], object]:
    return lambda text: read_settings({name: text}, all_of_them=False)


def menu(text: str) -> object:
    state = FLOW.states["ask_format"]
    return menus.choose(FLOW, state, state.options, visible(text[:1600]))


PARSERS: dict[str, Parser] = {
    **{f"answer {kind}": Parser(plain(answer(kind)), "ana.reyes@example.org 3/27/1985") for kind in KINDS},
    "menu": Parser(plain(menu), "1 (link)"),
    "carrier's word": Parser(plain(carrier.meaning), "STOP"),
    "folding": Parser(plain(lambda text: fold(visible(text))), "¡ATRÁS!"),
    "segments": Parser(plain(segments), "Hola [ñ] €"),
    "language": Parser(plain(lambda text: best_language([text], FLOW.languages)), "zh-Hant-TW"),
    "status": Parser(plain(lambda text: report_of(text, "SM1", text)), "delivered"),
    "card": Parser(plain(cards_in), f'{{"verifiableCredential":["{JWS}"]}}', (NotACard,)),
    "JWS": Parser(plain(read_unproven), JWS, (InvalidCard,)),
    "check of a card": Parser(plain(lambda text: check_card(text, Directory(participating_issuers=()), 0.0)), JWS),
    "trust file": Parser(plain(read_directory), TRUST, (TrustBroken,)),
    "senders": Parser(written(lambda path: accounts_with(SECOND_FIRST, path)), SENDERS, (ValueError,)),
    "chat": Parser(plain(lambda text: parse("a.chat", text)), CHAT, (TranscriptBroken,)),
    "table of translations": Parser(plain(lambda text: read_table("a.tsv", text)), TABLE, (FlowBroken,)),
    "HL7 answer": Parser(plain(parse_rsp), RSP, (MessageError,)),
    "HL7 letters": Parser(
        plain(lambda text: decode([*text.encode("utf-8", "replace").split(b"\r")])), RSP, (MessageError,)
    ),
    "SOAP": Parser(plain(lambda text: _is_soap(text.encode("utf-8", "surrogatepass"))), SOAP),
    "CSV file": Parser(load(".csv"), CSV),
    "FHIR file": Parser(load(".ndjson"), FHIR),
    "HL7 file": Parser(load(".hl7"), RSP),
    "faults": Parser(plain(read_faults), "text_saved_before_answer:kill:3", (ValueError,)),
    "registry's address": Parser(plain(check_url), "fhir+https://u:p@iis.example.gov/r4?client_id=x", (ValueError,)),
    "mail server": Parser(
        plain(lambda text: SmtpAddress.parse(text, tls_required=True)),
        "smtp://u:p@mail.example.org:587?from=a@b.org",
        (ValueError,),
    ),
    **{
        f"setting {name}": Parser(plain(setting(name)), seed, (SettingsWrong,), 5_000)
        for name, seed in {
            "public_url": "https://records.example.gov:8443/a",
            "redis_url": "rediss://:password@host:6379/0",
            "iis_url": "postgresql://u:p@host/iis",
            "smtp_url": "smtps://u:p@mail.example.org?from=a@b.org",
            "secret_keys": "k1:AAAA,k2:BBBB",
            "twilio_from": "+15555550199",
            "twilio_rate": "2.5",
            "answer_within": "30",
            "card_issuer": "https://records.example.gov/vaccines",
        }.items()
    },
}
SPICE = [
    "",
    "\x00",
    "\ud800",
    "\u202e",
    "\ufeff",
    "\r",
    "\n",
    "'",
    '"',
    "<",
    "&",
    "{",
    "[",
    "|",
    "^",
    "\\",
    "-",
    "9" * 400,
    "e9999",
    "NaN",
]
SPICE += [
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
    "!!python/object/apply:os.system [x]",
    "&a [*a]",
    "../",
    "=1+1",
]
REPEATS = [
    "a",
    " ",
    "1",
    "(",
    '"',
    "<a>",
    '{"a":',
    "\u0301",
    "x@",
    "a.",
    "1/",
    "|",
    "^~",
    "\\",
    "- ",
    "\n",
    ",",
    "&a ",
    "x1",
    "# 1",
    "1 ",
]
REPEATS += ["a b ", "年", "十", "://", "%", "aa,bb\n", "MSH|", "\r\x0b", "ey.", "_"]
EXAMPLES = (settings.default or settings()).max_examples


@st.composite
def spoiled(draw: st.DrawFn, seed: str) -> str:
    """The seed with pieces lost, doubled or put in."""
    text = seed
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(SPICE) | st.text(max_size=6) | st.just(text[start:end] * 2))
        text = text[:start] + piece + text[end:]
    return text


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=EXAMPLES // 3)
@given(data=st.data())
def test_whatever_it_gets_it_reads_or_says_what_is_wrong(
    name: str, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    parser = PARSERS[name]
    text = data.draw(spoiled(parser.seed) | bodies | st.text(st.characters(exclude_categories=()), max_size=60))

    with suppress(*parser.errors):
        parser.run(text, tmp_path_factory.getbasetemp() / "anything")


@pytest.mark.parametrize("name", PARSERS)
def test_no_text_takes_longer_than_it_is_long(name: str, tmp_path: Path) -> None:
    parser = PARSERS[name]

    for piece in REPEATS:
        for head in ("", parser.seed):
            text = head + piece * (parser.longest // len(piece)) + "!"
            before = time.process_time()
            with suppress(*parser.errors):
                parser.run(text, tmp_path / "anything")
            assert time.process_time() - before < SECONDS, (piece, head)


@settings(max_examples=EXAMPLES // 10)
@given(st.sampled_from(sorted(FILES)).flatmap(lambda name: st.tuples(st.just(name), spoiled(FILES[name]))))
def test_a_spoiled_flow_file_is_read_or_refused_with_its_place(spoilt: tuple[str, str]) -> None:
    name, text = spoilt

    flow, problems = check_flow({**FILES, name: text})

    assert flow or problems
    assert all(problem.line >= 1 for problem in problems)
