"""What another version of us stored is read; where it makes no sense to us, she hears so once, and nothing is lost."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from conftest import ANA, Phone, RecordedJobs
from fakes.carrier import Carrier
from stored import TEXTS, VERSIONS, put_delivery, put_session, shape, stored
from structlog.testing import capture_logs

from bot import record_content
from bot.conversation.session import STRANGE, Session
from bot.outbox.delivery import Delivery, OfAnotherVersion
from bot.sweeping import sweep
from bot.transcripts.app import Clock
from bot.wiring import System

CHANGED = "Sorry, our questions have just changed"
every_version = pytest.mark.parametrize("version", VERSIONS)


def test_what_this_version_stores_was_written_down() -> None:
    """If this fails, the shape has changed: `pytest tests/record_stored.py`, and leave the older ones, which must still
    be read."""
    assert orjson.loads(stored(VERSIONS[-1], "shape")) == shape()


@every_version
@pytest.mark.parametrize("name", ["session_asked", "session_waiting", "session_done", "session_left"])
def test_every_field_of_a_recorded_session_is_read(version: str, name: str) -> None:
    plain = orjson.loads(stored(version, name))

    read = orjson.loads(Session.from_bytes(orjson.dumps(plain)).to_bytes())

    assert {field: read[field] for field in plain} == plain


@every_version
@pytest.mark.parametrize("other", ["as it is", "newer", "older"])
def test_a_recorded_conversation_goes_on_where_it_was(
    version: str, other: str, system: System, phone: Phone, clock: Clock
) -> None:
    put_session(system, of_another(other, stored(version, "session_asked")))

    assert str(phone.text("3/27/1985")).startswith("Which phone")


@every_version
@pytest.mark.parametrize("other", ["as it is", "newer", "older"])
def test_recorded_work_is_done(version: str, other: str, system: System, phone: Phone, jobs: RecordedJobs) -> None:
    put_session(system, of_another(other, stored(version, "session_waiting")))
    jobs.enqueue(system.services.sessions.key(ANA), orjson.loads(stored(version, "work"))["id"])

    jobs.work()

    (message,) = phone.received()
    assert "/r/" in str(message["body"])


@every_version
@pytest.mark.parametrize("other", ["as it is", "newer", "older"])
def test_a_recorded_delivery_is_sent(
    version: str, other: str, system: System, phone: Phone, jobs: RecordedJobs
) -> None:
    plain = of_another(other, stored(version, "delivery_ready"))
    put_delivery(system, plain, orjson.loads(plain)["id"], due=0)

    jobs.send()

    (message,) = phone.received()
    assert "/r/" in str(message["body"])


@every_version
def test_a_recorded_end_is_logged(version: str, system: System) -> None:
    put_session(system, stored(version, "session_left"))
    system.client.zadd("vt:deadlines", {system.services.sessions.key(ANA): 0})

    with capture_logs() as logged:
        sweep(system.services)

    assert [line["state"] for line in logged if line["event"] == "abandoned"] == ["done", "ask_last_name"]


def mangled() -> Iterator[tuple[str, bytes]]:
    plain = orjson.loads(stored(VERSIONS[-1], "session_asked"))
    for name in plain:
        for wrong in (None, 5, "x", [5], {"x": [5]}, [{"x": 5}]):
            yield f"{name}={wrong}", orjson.dumps({**plain, name: wrong})
        yield f"without {name}", orjson.dumps({key: value for key, value in plain.items() if key != name})
    for garbage in (b"", b"[]", b"null", b"{}", b"\xff\x00", b'{"phone": '):
        yield repr(garbage), garbage


@pytest.mark.parametrize("plain", [plain for _, plain in mangled()], ids=[name for name, _ in mangled()])
def test_a_session_that_makes_no_sense_costs_one_begin_and_nothing_more(
    plain: bytes, system: System, phone: Phone
) -> None:
    """Every text gets an answer, and after at most one begin the conversation can be walked to its end."""
    put_session(system, plain)

    first = phone.text("3/27/1985")
    rest = [phone.text(text) for text in ("RESTART", *TEXTS[1:])]

    assert first
    assert all(rest)
    assert [reply for reply in rest if CHANGED in str(reply)] == []
    assert str(rest[-1]).startswith("Thank you")
    assert system.client.ttl(system.services.sessions.key(ANA)) > 0


def test_she_is_told_once_in_her_language_that_we_begin_again(system: System, phone: Phone, clock: Clock) -> None:
    plain = {**orjson.loads(stored(VERSIONS[-1], "session_asked")), "language": "es", "menu": 5, "touched": clock()}
    put_session(system, orjson.dumps({**plain, "started": clock()}))

    first, second = phone.text("3/27/1985"), phone.text("2")

    spanish = system.services.flow.words_in("es").say["changed"]
    assert str(first).startswith(spanish)
    assert spanish not in str(second)


def test_work_that_can_be_read_goes_on_though_the_rest_of_its_session_cannot(
    system: System, phone: Phone, jobs: RecordedJobs
) -> None:
    plain = {**orjson.loads(stored(VERSIONS[-1], "session_waiting")), "menu": 5, "path": {"x": 1}}
    put_session(system, orjson.dumps(plain))
    jobs.enqueue(system.services.sessions.key(ANA), orjson.loads(stored(VERSIONS[-1], "work"))["id"])

    jobs.work()

    (message,) = phone.received()
    assert "/r/" in str(message["body"])


def test_who_waits_for_work_that_cannot_be_read_hears_so_once_without_texting(
    system: System, phone: Phone, jobs: RecordedJobs, clock: Clock
) -> None:
    plain = orjson.loads(stored(VERSIONS[-1], "session_waiting"))
    plain["work"][0]["answers"] = [["first_name", "Ana"]]
    put_session(system, orjson.dumps({**plain, "touched": clock(), "started": clock()}))
    key, work_id = system.services.sessions.key(ANA), orjson.loads(stored(VERSIONS[-1], "work"))["id"]

    for _ in range(2):
        jobs.enqueue(key, work_id)
        jobs.work()

    (message,) = phone.received()
    assert str(message["body"]).startswith(CHANGED)
    assert str(phone.text("1")).startswith("What is the first name")


def test_a_session_that_makes_no_sense_takes_back_no_message_under_way(
    system: System, phone: Phone, jobs: RecordedJobs
) -> None:
    put_session(system, orjson.dumps({**orjson.loads(stored(VERSIONS[-1], "session_done")), "answers": 5}))
    ready = stored(VERSIONS[-1], "delivery_ready")
    put_delivery(system, ready, orjson.loads(ready)["id"], due=0)

    phone.text("hello")
    jobs.send()

    (message,) = phone.received()
    assert "/r/" in str(message["body"])


def test_a_delivery_that_makes_no_sense_waits_for_a_version_that_can_read_it_and_holds_up_no_other(
    system: System, phone: Phone, jobs: RecordedJobs, clock: Clock
) -> None:
    ready = orjson.loads(stored(VERSIONS[-1], "delivery_ready"))
    newer = {**ready, "message": {"to": [ANA], "parts": ["of a later version"]}}
    put_delivery(system, orjson.dumps(newer), ready["id"], due=0)
    put_delivery(system, orjson.dumps({**ready, "id": "f" * 24}), "f" * 24, due=0)
    jobs.services = replace(system.services, carrier=(carrier := Carrier()))

    with capture_logs() as logged:
        claimed = system.services.deliveries.claim(clock(), 10)
        again = system.services.deliveries.claim(clock() + 31, 10)
    put_delivery(system, orjson.dumps(ready), ready["id"], due=0)
    jobs.send()

    assert [delivery.id for delivery in claimed] == [delivery.id for delivery in again] == ["f" * 24]
    assert [line["event"] for line in logged] == ["delivery_unreadable"] * 2
    assert {message.delivery_id for message in carrier.sent} >= {ready["message"]["delivery_id"]}
    assert system.services.deliveries.load(ready["id"])


def test_what_cannot_be_read_is_not_in_the_errors_words() -> None:
    with pytest.raises(OfAnotherVersion) as caught:
        Delivery.from_bytes(b'{"message": "4821"}')

    assert (str(caught.value), caught.value.__cause__) == ("", None)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"name": 5, "birth_date": "x", "language": "en", "groups": [5]}']
)
def test_a_record_page_of_a_form_that_we_do_not_know_is_gone_and_no_error(
    content: bytes, system: System, phone: Phone
) -> None:
    token = system.services.links.seal(content, "4821", language="en")

    answer = phone.client.post(f"/r/{token}", data={"pin": "4821"})

    assert answer.status_code == 404
    with pytest.raises(record_content.ContentUnreadable):
        record_content.read(content)


def of_another(version: str, plain: bytes) -> bytes:
    """As a newer version with more fields wrote it, or an older one that had none but the needed."""
    given = orjson.loads(plain)
    if version == "newer":
        return orjson.dumps(with_more(given))
    if version == "older":
        optional = {"ours", "reached", "missed", "left", "last", "looks", "asked", "booked", "provider_ids", "posted"}
        return orjson.dumps({name: value for name, value in given.items() if name not in optional})
    return plain


def with_more(value: Any) -> Any:
    """A field more in every object that is not one of answers by name."""
    if isinstance(value, list):
        return [with_more(each) for each in value]
    if not isinstance(value, dict):
        return value
    free = ("answers", "tries")
    return {**{name: each if name in free else with_more(each) for name, each in value.items()}, "later": {"x": [1]}}


def test_no_flow_can_name_its_state_like_a_place_that_we_do_not_know() -> None:
    assert not STRANGE.isidentifier()
