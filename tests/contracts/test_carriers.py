"""What every way to deliver a message promises: Twilio, one that speaks its API, both together, SMTP, the console."""

import socket
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
import redis
from fakes.smtp import BREAK_OFF, FakeSmtp
from fakes.twilio import ACCEPT_AND_BREAK_OFF, TOO_MANY, Failure, FakeTwilio

from bot.delivery.accounts import Account
from bot.delivery.console import ConsoleDelivery, Outbox, read_outbox
from bot.delivery.relays import Relays
from bot.delivery.smtp import SmtpAddress, SmtpDelivery
from bot.delivery.twilio_rest import TwilioDelivery
from bot.delivery.ways import Ways
from bot.outbox.delivery import Message, Report
from bot.ports import Carrier, DeliveryRefused, DeliveryUnavailable, DeliveryUncertain
from bot.store.healths import RedisHealths
from bot.store.timetable import RedisTimetable
from bot.wiring import ways_of

SID, SID_B, SERVICE = "AC" + "a" * 32, "AC" + "b" * 32, "MG" + "c" * 32
PUBLIC_URL = "https://bot.example.org"
BODY = "Your record, señora 王: https://records.example.gov/r/abcdefghijklmnopqrstuvwxya"
PHONE, MAILBOX = "+13605550100", "ana.reyes@example.org"
PERSONAL = ("3605550100", "ana.reyes", "Your record", "/r/")
REAL = ("twilio", "service", "both", "smtp", "relays")  # the console cannot fail


@dataclass
class Way:
    """A carrier, the server behind it, and how to bring it into trouble."""

    carrier: Carrier
    to: str
    arrived: Callable[[], list[str]]
    full: Callable[[], None]  # the next message is certainly not taken
    breaks: Callable[[], None]  # the next message is taken, and we do not hear so
    refuses: Callable[[], None]  # the next message can never arrive
    code: str = ""  # of that refusal

    def send(self, delivery_id: str = "0" * 24) -> tuple[Message, Report]:
        message = self.routed(delivery_id)
        return message, self.carrier.send(message)

    def routed(self, delivery_id: str = "0" * 24) -> Message:
        message = Message(to=self.to, body=BODY, subject="Your record", delivery_id=delivery_id)
        return replace(message, sender=self.carrier.route(message).sender)


def by_twilio(carrier: Carrier, *servers: FakeTwilio) -> Way:
    def fail(failure: Failure) -> Callable[[], None]:
        return lambda: [server.fail(failure) for server in servers] and None

    return Way(
        carrier,
        PHONE,
        lambda: [message.body for server in servers for message in server.sent],
        fail(TOO_MANY),
        fail(ACCEPT_AND_BREAK_OFF),
        fail(Failure(400, 21610)),
        "21610",
    )


def by_mail(carrier: Carrier, *servers: FakeSmtp) -> Way:
    def at_recipient(answer: str) -> Callable[[], None]:
        return lambda: [server.at_recipient.append(answer) for server in servers] and None

    return Way(
        carrier,
        MAILBOX,
        lambda: [mail.text for server in servers for mail in server.mails],
        at_recipient("451 4.7.1 <ana.reyes@example.org>: later"),
        lambda: [server.at_data.append(BREAK_OFF) for server in servers] and None,
        at_recipient("550 5.1.1 <ana.reyes@example.org>: no such user"),
        "550",
    )


def relay(server: FakeSmtp) -> SmtpDelivery:
    url = f"smtp://127.0.0.1:{server.port}?from=records@example.gov"
    return SmtpDelivery(SmtpAddress.parse(url, tls_required=False))


@pytest.fixture(params=["console", *REAL])
def way(request: pytest.FixtureRequest, redis_url: str) -> Iterator[Way]:
    with ExitStack() as stack, redis.Redis.from_url(redis_url) as client:
        client.flushall()
        healths, status_url = RedisHealths(client), f"{PUBLIC_URL}/twilio/status"
        match request.param:
            case "twilio":
                server = stack.enter_context(FakeTwilio(SID, "token"))
                yield by_twilio(TwilioDelivery(SID, "token", "+15555550199", status_url, server.url), server)
            case "service":
                server = stack.enter_context(FakeTwilio(SID_B, "token"))
                yield by_twilio(TwilioDelivery(SID_B, "token", SERVICE, status_url, server.url), server)
            case "both":
                a, b = (stack.enter_context(FakeTwilio(sid, "token")) for sid in (SID, SID_B))
                fast = {"+15555550199": 1000.0, SERVICE: 1000.0}
                accounts = (
                    Account(SID, ("token",), ("+15555550199",), a.url, rates=fast),
                    Account(SID_B, ("token",), (SERVICE,), b.url, rates=fast),
                )
                ways = [way for account in accounts for way in ways_of(account, PUBLIC_URL)]
                yield by_twilio(Ways(ways, healths, RedisTimetable(client)), a, b)
            case "smtp":
                mail = stack.enter_context(FakeSmtp())
                yield by_mail(relay(mail), mail)
            case "relays":
                mails = [stack.enter_context(FakeSmtp()) for _ in range(2)]
                yield by_mail(Relays([relay(mail) for mail in mails], healths), *mails)
            case _:
                path = request.getfixturevalue("tmp_path") / "outbox.jsonl"
                outbox = Outbox(ConsoleDelivery(), path)
                yield Way(outbox, PHONE, lambda: [str(line["body"]) for line in read_outbox(path)], *[lambda: None] * 3)


real = pytest.mark.parametrize("way", REAL, indirect=True)


def says_nothing_personal(error: BaseException) -> bool:
    printed = "".join(traceback.format_exception(error)) + repr(error)
    return not any(text in printed for text in PERSONAL)


def test_a_message_arrives_with_its_words_as_they_are(way: Way) -> None:
    _, report = way.send()

    assert way.arrived() == [BODY]
    assert report.state in ("accepted", "delivered")
    assert report.provider_id


def test_many_threads_send_each_message_once(way: Way) -> None:
    with ThreadPoolExecutor(8) as threads:
        reports = list(threads.map(lambda n: way.send(f"{n:024x}")[1], range(24)))

    assert len(way.arrived()) == len({report.provider_id for report in reports}) == 24


@real
def test_what_was_certainly_not_taken_is_unavailable(way: Way) -> None:
    way.full()

    with pytest.raises(DeliveryUnavailable) as caught:
        way.send()

    assert way.arrived() == []
    assert says_nothing_personal(caught.value)


@real
def test_what_was_perhaps_taken_is_uncertain_and_goes_by_no_other_way_by_itself(way: Way) -> None:
    way.breaks()

    with pytest.raises(DeliveryUncertain) as caught:
        way.send()

    assert way.arrived() == [BODY]
    assert says_nothing_personal(caught.value)


@real
def test_what_can_never_arrive_is_refused_with_its_code(way: Way) -> None:
    way.refuses()

    with pytest.raises(DeliveryRefused) as caught:
        way.send()

    assert caught.value.code == way.code
    assert way.arrived() == []
    assert says_nothing_personal(caught.value)


def test_who_can_be_asked_knows_what_it_took(way: Way) -> None:
    message, sent = way.send()

    assert way.carrier.find(message, since=time.time(), known=()) in (Report("accepted", sent.provider_id), None)
    assert way.carrier.status(message, sent.provider_id) in (Report("accepted", sent.provider_id), None)
    if message.to == PHONE and sent.state == "accepted":
        assert way.carrier.find(message, since=time.time(), known=())


def test_nobody_finds_what_was_never_sent_or_is_known_already(way: Way) -> None:
    message = way.routed()
    assert way.carrier.find(message, since=0, known=()) is None
    assert way.carrier.status(message, "SM" + "0" * 32) is None

    message, sent = way.send()

    assert way.carrier.find(message, since=0, known=(sent.provider_id,)) is None


def test_a_message_without_any_server_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    message = Message(to=PHONE, body=BODY, delivery_id="0" * 24)
    texts = TwilioDelivery(SID, "token", "+15555550199", PUBLIC_URL, f"http://127.0.0.1:{port}")
    mails = SmtpDelivery(SmtpAddress.parse(f"smtp://127.0.0.1:{port}?from=a@b.c", tls_required=True))

    for carrier, to in ((texts, PHONE), (mails, MAILBOX)):
        with pytest.raises(DeliveryUnavailable) as caught:
            carrier.send(replace(message, to=to))
        assert says_nothing_personal(caught.value)


def test_the_first_message_has_its_time_at_once_by_whichever_clock(way: Way) -> None:
    message = Message(to=way.to, body=BODY, delivery_id="0" * 24)

    assert way.carrier.route(message).at == 0
