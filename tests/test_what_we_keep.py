"""What is in Redis is what the pages say is there, and all of it ends."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos.redis_server import RedisServer
from conftest import ANA, Phone
from flask.testing import FlaskClient
from keys_kept import NAMED, ROOT, WITHOUT_END, kind, names_in, pattern, unlisted, without_end
from redis import Redis

from bot.ports import Beat, Pace, Services, Swept
from bot.store.healths import RedisHealths
from bot.store.queue import DramatiqJobs
from bot.store.refusals import RedisRefusals
from bot.store.timetable import RedisTimetable
from bot.transcripts.app import RecordedJobs
from bot.wiring import System, outbox_path

PRIVACY = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
AFTERWARDS = "her number, which texts were answered, and what we said but for her own answers"  # of a session
PLAIN = {
    "vt:s": "what she has answered so far",
    "vt:d": "a message on its way",
    "vt:due": "when a message is to be sent or a conversation ends, and what is still to be looked up",
    "vt:deadlines": "when a message is to be sent or a conversation ends, and what is still to be looked up",
    "vt:w": "when a message is to be sent or a conversation ends, and what is still to be looked up",
    "{dramatiq}": "when a message is to be sent or a conversation ends, and what is still to be looked up",
    "vt:l": "the record behind her link",
    "vt:m": "the picture that she asked for, and downloads",
    "vt:f": "the questions that we ask, as staff wrote them",
    "vt:f:live": "the questions that we ask, as staff wrote them",
    "vt:u": "how many people reached which step, by day and language",
    "vt:workers": "how Redis, workers, carriers and the registry are",
    "vt:probe": "how Redis, workers, carriers and the registry are",
    "vt:b": "how Redis, workers, carriers and the registry are",
    "vt:p": "how Redis, workers, carriers and the registry are",
    "vt:r": "how Redis, workers, carriers and the registry are",
    "vt:o": "which phones said STOP, as codes",
    "vt:h": "which texts had their turn",
    "vt:swept": "which texts had their turn",
    "vt:{limits}": (
        "who has used up what of the limits: phones, persons, contacts, links and network addresses, as codes"
    ),
    "vt:{limits}:wrong_pins_in_a_row": "how many wrong PINs were typed for a record, as a code",
    "vt:{limits}:reached": "how often a limit was reached, and how many texts were sent in the last hour",
    "vt:{limits}:texts": "how often a limit was reached, and how many texts were sent in the last hour",
    "vt:a": "what is still to go into the audit trail",
    "vt:e": "which texts are still to be deleted at Twilio",
    "vt:e:since": "which texts are still to be deleted at Twilio",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Redis]:
    with RedisServer(tmp_path / "scratch") as server, Redis.from_url(server.url) as client:
        yield client


@pytest.fixture
def redis_url(server: RedisServer) -> str:
    return server.url


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"twilio_delete": "inbound,outbound,media"}


@pytest.fixture
def file(server: RedisServer, system: System, client: FlaskClient, jobs: RecordedJobs, services: Services) -> Path:
    """The append-only file of a Redis in which everything was at some time."""
    ana, grace = (Phone(client, outbox_path(system.settings), number) for number in (ANA, "+13605550102"))
    ana.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "1")
    grace.text("Hi", "1", "Grace", "Okafor", "7/19/1968", "1", "AGREE", "7391", "2")
    for key, work_id, _ in jobs.queued:
        DramatiqJobs(system.broker).enqueue(key, work_id)
        with services.locks.hold(work_id):
            pass
    jobs.work()
    link = str(ana.received()[0]["body"]).partition(system.settings.public_url)[2].split()[0]
    for pin in ("0000", "4821"):
        client.post(link, data={"pin": pin})
    grace.text("STOP")
    look_after(system)
    return server.append_only_file()


def look_after(system: System) -> None:
    """What processes note of each other, of the carriers and of the registry."""
    services, now = system.services, system.services.now()
    services.vitals.check()
    services.vitals.beat("a worker", Beat(at=now))
    services.limits.note("texts_an_hour", now)
    services.heard.note(Swept(now, now))
    RedisTimetable(system.client, services.now).book(Pace("+15555550199", 1.0), [], segments=2, patience=1.0)
    for _ in range(5):
        RedisHealths(system.client, services.now).note("AC1", "error")
    RedisHealths(system.client, services.now).note("AC1", "well")
    RedisRefusals(system.client, [f"vt:b:demo:{'0' * 40}"], services.now).add("no", times=1, rest=60)


def test_every_key_that_the_code_names_has_a_row_and_no_row_is_of_the_past() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot").rglob("*.py"))
    named = {f"vt:{kind.strip('{}')}" for kind in re.findall(r"\bvt:(\{+limits\}+|[a-z]+)", code)}

    assert named == {":".join(kind(name).split(":")[:2]).replace("{limits}", "limits") for name in NAMED} - {
        "{dramatiq}"
    }


def test_redis_has_never_had_another_key(file: Path) -> None:
    names = names_in(file)

    assert unlisted(names) == set()
    assert {name for name in NAMED if not any(pattern(name).fullmatch(each) for each in names)} == set()


def test_only_what_is_still_to_be_done_has_no_end_of_its_own(file: Path, scratch: Redis) -> None:
    lasting = without_end(file, scratch)

    assert unlisted(lasting, WITHOUT_END) == set()
    assert {"vt:due", "vt:deadlines", "vt:a", "vt:e", "vt:e:since"} <= set(WITHOUT_END)


def test_another_key_and_one_without_an_end_would_be_seen(
    file: Path, server: RedisServer, system: System, scratch: Redis
) -> None:
    system.client.set("vt:planted", "x")
    system.client.set("vt:s:demo:0123", "x")
    server.append_only_file()

    assert unlisted(names_in(file)) == {"vt:planted"}
    assert unlisted(without_end(file, scratch), WITHOUT_END) == {"vt:planted", "vt:s:demo:0123"}


def test_the_privacy_page_says_each_of_them_in_plain_words() -> None:
    rows = [line.strip("| ").split(" | ")[0] for line in PRIVACY.splitlines() if line.startswith("| ")]

    assert set(map(kind, NAMED)) == set(PLAIN)
    assert {*PLAIN.values(), AFTERWARDS} <= set(rows)
    assert not re.search(r"vt:|dramatiq|HMAC|AES", PRIVACY)
