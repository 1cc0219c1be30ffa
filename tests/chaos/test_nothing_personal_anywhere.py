"""Whole conversations and every fault, in real processes: nothing personal outside the delivered message and the page.

Where something personal must stand, it is listed in ALLOWED with the reason, and nowhere else.
"""

import base64
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import redis
import requests
from fakes.fhir_server import FhirServer, Reply
from fakes.smtp import free_port
from fakes.twilio import ACCEPT_AND_FAIL, BROKEN, Failure
from fakes.until import until
from keys_kept import WITHOUT_END, names_in, unlisted, without_end
from redis_dump import dump
from running import OURS
from seeded import BY_EMAIL, BY_PHONE, CHILD, EVERYBODY, OWN, PERSONAL, PICTURE, UNKNOWN, Seeded
from spelling import clear

from bot.cli.twilio_side import PostRefused
from bot.conversation.answers.date_of_birth import show
from bot.conversation.folding import fold
from bot.fault_points import POINTS
from bot.web.sms import SORRY
from chaos.redis_server import RedisServer
from chaos.world import World, world

pytestmark = pytest.mark.e2e

ALLOWED = {
    "var/outbox.jsonl": "the demo's phone page shows the messages themselves; production writes no such file",
    "To": "a mail goes to somebody: her address is the one header that is hers",
    "Messages.json?To=": "Twilio's list, asked about a message in doubt, takes GET alone; Twilio has the number",
}


def complaint(words: str) -> dict[str, object]:
    """A registry that quotes what it was asked."""
    issue = {"severity": "error", "code": "invalid", "diagnostics": words}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


DOWN = Reply(503, complaint(f"no index for {OWN.family} {OWN.born}"))
REFUSES = (
    Reply(400, complaint(f"{OWN.given} is not a name, nor {OWN.phone} a phone")),
    Reply(200, f"<html>{BY_EMAIL.family} {BY_EMAIL.contact}</html>".encode()),
    Reply(200, {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"birthDate": OWN.family}}]}),
)
OFTEN = {
    "text_before_load": 9,
    "text_enqueued_before_save": 3,
    "text_saved_before_answer": 11,
    "callback_before_change": 4,
    "work_locked_before_lookup": 9,
    "work_looked_up_before_seal": 7,
    "work_sealed_before_put": 4,
    "work_put_before_save": 3,
    "work_saved_before_done": 5,
    "delivery_claimed_before_sending": 9,
    "delivery_sending_before_request": 7,
    "delivery_answered_before_sid": 5,
    "inbox_read_before_feeding": 2,
    "inbox_fed_before_next": 3,
    "end_saved_before_noted": 2,
    "end_noted_before_cleared": 2,
}
FAULTS = ",".join(f"{point}:raise:{every}" for point, every in OFTEN.items())
SEARCH = "POST Patient/_search"
ENCODED: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "URL": lambda text: quote_plus(text, safe="=&").encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
}
QUEUED = re.compile(rb'"actor_name":\s*"run_work"')


@pytest.fixture(scope="module")
def registry() -> Iterator[FhirServer]:
    with FhirServer([person.record for person in EVERYBODY if person is not UNKNOWN]) as registry:
        yield registry


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, registry: FhirServer) -> Iterator[World]:
    """All conversations, while each process breaks at each of its points and each carrier says no."""
    folder = tmp_path_factory.mktemp("anywhere")
    access = f"--access-logfile {folder}/access.log --access-logformat '%(r)s %(f)s'"
    settings = {
        "METRICS_PORT": str(free_port()),
        "WORKER_PORT": str(free_port()),
        "GUNICORN_CMD_ARGS": access,
        "TWILIO_DELETE": "inbound,outbound,media",
    }
    with world(folder, registry.url, settings) as whole:
        start_web(whole, int(settings["METRICS_PORT"]))
        whole.faults = [FAULTS]
        whole.start_worker()
        talk_all(whole, registry)
        yield whole


def start_web(whole: World, metrics_port: int) -> None:
    """With its inner door, and a log of everything that is asked for."""
    port = whole.running.port
    binds = [word for each in (port, metrics_port) for word in ("--bind", f"127.0.0.1:{each}")]
    whole.webs[port] = whole.running.start("gunicorn", *binds, "--workers", "1", "app:app", fault=FAULTS)
    until(whole.running.is_ready, 30)
    whole.twilio.doors.append(whole.running.url)


def talk_all(whole: World, registry: FhirServer) -> None:
    for person in (OWN, BY_PHONE, BY_EMAIL, PICTURE, UNKNOWN):
        say(whole, person, "Hi", "1", *person.answers)
    done(whole)
    say(whole, OWN, "1", *CHILD.name_and_birth, "AGREE", CHILD.pin, "1")
    done(whole)
    registry.always(SEARCH, DOWN)
    say(whole, PICTURE, "RESTART", "1", *PICTURE.answers)
    until(lambda: whole.running.count("iis_unavailable"), 60)
    registry.forget()
    registry.reply(SEARCH, *REFUSES)
    whole.twilio.fail(BROKEN, ACCEPT_AND_FAIL, Failure(400, 21614), Failure(429, 20429))
    whole.smtp.at_recipient.extend([f"450 <{BY_EMAIL.contact}> later", f"550 5.1.1 <{BY_EMAIL.contact}> unknown"])
    for person in (OWN, BY_EMAIL, BY_PHONE, UNKNOWN):
        say(whole, person, "RESTART", "1", *person.answers)
    done(whole)
    for link in links(whole):
        for pin in ("0000", *(person.pin for person in EVERYBODY)):
            requests.post(link, {"pin": pin}, timeout=20)
    requests.get(f"{whole.running.url}/r/x%00?name={'x' * 3000}", timeout=20)
    for person in (OWN, BY_PHONE, BY_EMAIL):
        whole.twilio.receive(person.phone, f"{person.given} {person.family}", OURS)  # and nobody posts it
    until(lambda: moved(whole, 20) and made(whole) == set(POINTS), 120)
    until(lambda: whole.running.count("audit_written"), 30)
    done(whole)


def say(whole: World, person: Seeded, *bodies: str) -> None:
    """As Twilio does it: what nobody took is posted again."""
    for body in bodies:
        sid = f"SM{secrets.token_hex(16)}"
        until(lambda body=body, sid=sid: _answered(whole, person, body, sid), 30)  # type: ignore[misc]


def _answered(whole: World, person: Seeded, body: str, sid: str) -> bool:
    try:
        return whole.running.side.text(person.phone, body, sid) != SORRY
    except PostRefused:
        return False


def done(whole: World, seconds: float = 120) -> None:
    """With a clock that goes faster: what was put off comes soon, but work is not given up."""
    until(lambda: moved(whole, 0.02) and whole.is_worked_off(), seconds)
    until(lambda: moved(whole, 0.5) and whole.is_idle(), seconds)


def made(whole: World) -> set[str]:
    """The points at which we were broken."""
    return {str(line["point"]) for line in whole.running.events() if line["event"] == "fault_made"}


def moved(whole: World, ahead: float) -> bool:
    whole.clock.move(ahead)
    return True


def links(whole: World) -> list[str]:
    said = [message.body for message in (*whole.twilio.sent, *whole.twilio.gone)]
    said += [mail.text for mail in whole.smtp.mails]
    return sorted({link for text in said for link in re.findall(r"http\S+/r/[a-z2-7]{26}", text)})


def tokens(whole: World) -> list[str]:
    pictures = {message.media_url for message in (*whole.twilio.sent, *whole.twilio.gone) if message.media_url}
    return [link.rpartition("/")[2].partition(".")[0] for link in (*links(whole), *pictures)]


def places(whole: World, registry: FhirServer) -> Iterator[tuple[str, bytes]]:
    """Everything that there is outside of the delivered messages, the pages, and what was asked in a request's body."""
    folder = whole.running.folder
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if str(file.relative_to(folder)) not in ALLOWED:
            yield str(file.relative_to(folder)), file.read_bytes()
    with redis.Redis.from_url(whole.redis.url) as client:
        yield "every key and value of Redis", dump(client).encode()
    for name in ("METRICS_PORT", "WORKER_PORT"):
        yield name, requests.get(f"http://127.0.0.1:{whole.running.settings[name]}/metrics", timeout=20).content
    yield "what the registry was asked", "\n".join(registry.lines()).encode()
    yield (
        "what Twilio was asked",
        "\n".join(filter(_not_allowed, (*whole.twilio.looks, *whole.twilio.deleted))).encode(),
    )
    called = [message.status_callback for message in (*whole.twilio.sent, *whole.twilio.gone)]
    yield "where Twilio was told to report", "\n".join(called).encode()
    for mail in whole.smtp.mails:
        headers = [f"{name}: {value}" for name, value in mail.parsed.items() if name not in ALLOWED]
        yield "headers of a mail", "\n".join(headers).encode()


def _not_allowed(asked: str) -> bool:
    """Of what is allowed only this: nothing but the number may stand in it."""
    return not re.fullmatch(r"/\S+/Messages\.json\?To=%2B\d+&From=%2B\d+&PageSize=\d+(&Page=\d+)?", asked)


def found(whole: World, registry: FhirServer) -> list[tuple[str, list[str]]]:
    """An address of ours holds its token: whoever keeps a log of addresses keeps those, and so we keep none."""
    secret = tokens(whole)
    hits = (
        (place, clear(held, PERSONAL if place == "access.log" else (*PERSONAL, *secret)))
        for place, held in places(whole, registry)
    )
    return [(place, texts) for place, texts in hits if texts]


def test_nothing_personal_is_anywhere(whole: World, registry: FhirServer) -> None:
    assert found(whole, registry) == []


def test_everything_happened_that_could_have_left_something(whole: World) -> None:
    """Or the test above would show nothing."""
    events = {str(line["event"]) for line in whole.running.events()}

    assert made(whole) == set(POINTS)
    assert events >= {
        "text", "fault", "lookup", "link_sealed", "outcome", "sent", "delivered", "pin_wrong", "link_opened",
        "iis_unavailable", "iis_rejected", "work_failed", "delivery_fault", "delivery_failed", "delivery_put_off",
        "delivery_uncertain", "audit_written", "erased",
    }  # fmt: skip
    assert len(links(whole)) >= 4
    assert any(message.media_url for message in (*whole.twilio.sent, *whole.twilio.gone))
    outcomes = {line.get("name") for line in whole.running.events() if line["event"] == "outcome"}
    assert outcomes >= {"sent", "sent_picture", "sent_elsewhere", "no_match"}


def test_all_places_were_searched(whole: World, registry: FhirServer) -> None:
    held = dict(places(whole, registry))

    assert QUEUED.search(held[next(name for name in held if name.endswith("appendonly.aof"))])
    assert held["var/demo_audit.db"].startswith(b"SQLite format 3")
    assert b"vaxtext_texts_total" in held["METRICS_PORT"]
    assert b"POST /twilio/sms" in held["access.log"]
    assert b"POST /fhir/Patient/_search" in held["what the registry was asked"]
    assert b"Subject" in held["headers of a mail"]
    assert b"DELETE" not in held["what Twilio was asked"]
    assert b"Messages" in held["what Twilio was asked"]


def test_redis_never_had_a_key_that_the_page_does_not_name_and_each_had_an_end(whole: World, tmp_path: Path) -> None:
    """docs/decisions/0004-what-we-keep.md has them all."""
    file = whole.redis.append_only_file()
    with RedisServer(tmp_path / "scratch") as scratch, redis.Redis.from_url(scratch.url) as client:
        lasting = without_end(file, client)

    assert unlisted(names_in(file)) == set()
    assert unlisted(lasting, WITHOUT_END) == set()


@pytest.mark.parametrize("encode", ENCODED.values(), ids=ENCODED)
def test_it_would_be_found(whole: World, registry: FhirServer, encode: Callable[[str], bytes]) -> None:
    """In a log, in Redis and in its append-only file, which keeps what Redis has forgotten."""
    shown = show(PICTURE.born.isoformat(), "en")
    planted = [PICTURE.family, str(PICTURE.born), shown, "(360) 555-0146"]
    text = encode(f"who={fold(PICTURE.family)}&born={PICTURE.born}&shown={shown}&from=(360) 555-0146")
    file = whole.redis.append_only_file()
    log, written = whole.running.log, file.stat().st_size
    before = log.read_bytes()

    with redis.Redis.from_url(whole.redis.url) as client:
        client.set("vt:planted", text)
        kept = dict(places(whole, registry))["every key and value of Redis"]
        client.delete("vt:planted")
    log.write_bytes(before + b'{"event": "planted", "who": "' + text + b'"}\n')
    logged = dict(places(whole, registry))["log.txt"]
    log.write_bytes(before)

    for held in (kept, whole.redis.append_only_file().read_bytes()[written:], logged):
        assert sorted(clear(held, PERSONAL)) == sorted(planted)
