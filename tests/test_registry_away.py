"""The registry is away: the request is kept for an hour, she hears so once, and the end is the true one."""

from contextlib import suppress
from dataclasses import dataclass, replace

import pytest
from conftest import ANA, Clock, Phone, RecordedJobs
from fakes.carrier import Carrier
from fakes.soap_iis import SoapIis
from fakes.until import until

from bot.conversation.session import Session
from bot.delivery.console import read_outbox
from bot.iis.breaker import Limit
from bot.iis.demo_people import demo_people
from bot.iis.opening import open_dialect
from bot.iis.resilient import Patience, ResilientIIS
from bot.jobs import Again, run
from bot.ports import DeliveryUnavailable, IISRejected, IISUnavailable, Services
from bot.records import Demographics, VaccineRecord
from bot.transcripts.app import FixedFlow, SwitchedIIS
from bot.wiring import System

ASKED = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
TOM = ("Hi", "1", "Tom", "Kowalski", "12/31/1977", "360-555-0112", "1", "4821")
DELAYED = "The vaccine registry does not answer right now."
SORRY = "Sorry, we cannot look up records now."
MINUTE, HOUR = 60, 3600


class Killed(BaseException):
    """The worker ends here, as by kill -9: nothing of ours runs any more."""


@dataclass
class Refusing:
    calls: int = 0

    def find(self, who: Demographics) -> VaccineRecord | None:
        self.calls += 1
        raise IISRejected("bad query")

    def ping(self) -> None: ...


@dataclass
class Busy:
    """A registry that is away, and says when to come back."""

    retry_after: float

    def find(self, who: Demographics) -> VaccineRecord | None:
        raise IISUnavailable("HTTP 503", retry_after=self.retry_after)

    def ping(self) -> None: ...


@dataclass
class Away:
    """A registry that is away until it is switched on, and what the worker sends meanwhile."""

    services: Services
    iis: SwitchedIIS
    carrier: Carrier
    jobs: RecordedJobs
    clock: Clock

    def try_after(self, seconds: float) -> None:
        self.clock.wait(seconds)
        self.jobs.work()

    def on_their_way(self) -> int:
        """Messages in the outbox that are not at their end."""
        return len(self.services.deliveries.claim(self.clock() + 2 * 86_400, 99))

    def session(self, phone: str = ANA) -> Session:
        session = self.services.sessions.load(self.services.sessions.key(phone)).session
        assert session
        return session


@pytest.fixture
def away(services: Services, jobs: RecordedJobs, clock: Clock) -> Away:
    iis, carrier = SwitchedIIS(services.iis, down=True), Carrier()
    jobs.services = replace(services, iis=iis, carrier=carrier)
    return Away(jobs.services, iis, carrier, jobs, clock)


def test_within_a_minute_she_hears_nothing_of_it(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)

    away.try_after(1)
    away.try_after(58)

    assert away.carrier.sent == []


def test_after_a_minute_she_hears_once_that_it_takes_longer_and_then_gets_her_link(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)

    for minutes in (1, 1, 20, 30):
        away.try_after(minutes * MINUTE)
    away.iis.down = False
    away.try_after(7 * MINUTE)

    delayed, link = away.carrier.sent
    assert delayed.body.startswith(DELAYED)
    assert "/r/" in link.body
    assert delayed.delivery_id != link.delivery_id


def test_what_she_hears_of_it_is_counted_among_the_texts_that_we_send_and_once(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)
    away.try_after(1)
    before = away.services.limits.texts()

    for _ in range(3):
        away.try_after(MINUTE)

    assert away.carrier.began() == [DELAYED]
    assert away.services.limits.texts() - before == 1


def test_after_an_hour_she_hears_that_we_could_not_and_nothing_is_kept(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)

    for minutes in (2, 57, 1, 1):
        away.try_after(minutes * MINUTE)
    away.iis.down = False
    away.try_after(MINUTE)

    assert away.carrier.began() == [DELAYED, SORRY]
    session = away.session()
    assert (session.state, session.answers, session.work) == ("", {}, ())
    assert away.on_their_way() == 0


def test_the_pauses_are_short_at_first_and_bounded_and_end_with_the_hour(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)
    (job,) = away.jobs.queued
    pauses: list[float] = []

    while away.session().state:
        try:
            run(away.services, *job)
        except Again as again:
            pauses.append(again.delay)
            away.jobs.send()
            away.clock.wait(again.delay)
    away.jobs.send()

    assert all(1.5 <= pause <= 2.5 for pause in pauses[:1])
    assert max(pauses) <= 75
    assert sum(pauses) == pytest.approx(HOUR)
    assert away.carrier.began() == [DELAYED, SORRY]


def pause_of(away: Away, retry_after: float) -> float:
    """After a registry said so."""
    (job,) = away.jobs.queued
    with pytest.raises(Again) as again:
        run(replace(away.services, iis=Busy(retry_after)), *job)
    away.jobs.send()
    return again.value.delay


def test_a_registry_that_says_when_to_come_back_is_left_in_peace_so_long(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)

    assert 30 < pause_of(away, retry_after=30) < 33
    assert away.carrier.sent == []


def test_who_must_wait_for_more_than_a_minute_hears_so_at_once_and_once(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)

    assert 120 < pause_of(away, retry_after=120) < 123
    away.clock.wait(121)
    assert 120 < pause_of(away, retry_after=120) < 200

    assert away.carrier.began() == [DELAYED]


def test_however_long_it_wants_peace_it_is_asked_once_more_when_the_hour_ends(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)

    assert pause_of(away, retry_after=86_400) == HOUR
    away.iis.down = False
    away.try_after(HOUR)

    assert "/r/" in away.carrier.sent[-1].body


def test_for_another_contact_a_registry_that_wants_peace_changes_no_word(phone: Phone, away: Away) -> None:
    phone.number = "+13605550111"
    reply = phone.text(*TOM)

    assert pause_of(away, retry_after=120) > 120

    assert str(reply).startswith("If that phone or email is on a record")
    assert away.carrier.sent == []


def test_not_all_who_wait_come_back_at_the_same_moment(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)
    (job,) = away.jobs.queued
    away.clock.wait(10 * MINUTE)
    pauses = set()

    for _ in range(5):
        with pytest.raises(Again) as again:
            run(away.services, *job)
        pauses.add(again.value.delay)

    assert len(pauses) > 1


@pytest.mark.parametrize("failure", [Killed(), DeliveryUnavailable("503")], ids=["worker killed", "carrier away"])
def test_a_notice_that_did_not_leave_is_sent_at_the_next_try_and_once(
    failure: BaseException, phone: Phone, away: Away
) -> None:
    phone.text(*ASKED)
    away.carrier.failures.append(failure)
    with suppress(Killed):
        away.try_after(2 * MINUTE)
    assert away.carrier.sent == []

    away.try_after(MINUTE)
    away.try_after(MINUTE)

    assert away.carrier.began() == [DELAYED]


def test_a_notice_that_did_not_leave_is_not_sent_once_the_registry_is_back(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)
    (job,) = away.jobs.queued
    away.carrier.failures.append(Killed())
    with suppress(Killed):
        away.try_after(2 * MINUTE)
    away.iis.down = False

    away.try_after(MINUTE)
    run(away.services, *job)  # the queue may bring it once more

    (link,) = away.carrier.sent
    assert "/r/" in link.body
    assert away.on_their_way() == 0


@pytest.mark.parametrize("word", ["RESTART", "STOP", "agent"])
def test_a_request_that_is_taken_back_is_finished_in_silence(word: str, phone: Phone, away: Away) -> None:
    phone.text(*ASKED)
    away.carrier.failures.append(Killed())
    with suppress(Killed):
        away.try_after(2 * MINUTE)
    phone.text(word)
    away.iis.down = False

    away.try_after(MINUTE)

    assert (away.carrier.sent, away.jobs.queued, away.on_their_way()) == ([], [], 0)


def test_who_texts_meanwhile_hears_that_we_still_wait_and_loses_nothing(phone: Phone, away: Away) -> None:
    phone.text(*ASKED)
    away.try_after(1)
    assert phone.text("hello?") == "We are still looking. The answer will come by text soon."
    away.try_after(2 * MINUTE)

    away.clock.wait(43 * MINUTE)

    assert str(phone.text("hello?")).startswith(DELAYED)
    away.iis.down = False
    away.try_after(MINUTE)
    assert "/r/" in away.carrier.sent[-1].body


def test_the_store_keeps_a_waiting_request_for_longer_than_the_hour(
    phone: Phone, away: Away, system: System, services: Services
) -> None:
    limits = replace(services.flow.limits, idle=10 * MINUTE, total=20 * MINUTE)
    short = replace(services, flows=FixedFlow(replace(services.flow, limits=limits)))
    phone.text(*ASKED)
    away.jobs.services = replace(away.services, flows=short.flows)
    away.try_after(2 * MINUTE)

    assert system.client.ttl(services.sessions.key(ANA)) > HOUR


def test_a_registry_that_refuses_is_not_asked_again_and_she_hears_at_once(phone: Phone, away: Away) -> None:
    refusing = Refusing()
    away.jobs.services = replace(away.services, iis=refusing)
    phone.text(*ASKED)

    away.try_after(1)
    away.try_after(MINUTE)

    assert away.carrier.began() == [SORRY]
    assert refusing.calls == 1


def test_while_the_registry_does_not_let_us_in_her_request_waits_for_an_operator(phone: Phone, away: Away) -> None:
    with SoapIis([person.record for person in demo_people()]) as server:
        iis = ResilientIIS(open_dialect(server.url, timeout=5), Patience(refusals=Limit(1, rest=0.3)))
        away.jobs.services = replace(away.services, iis=iis)
        right, server.login = server.login, ("vaxtext", "another password", "VT-1")
        phone.text(*ASKED)

        away.try_after(2 * MINUTE)
        away.try_after(MINUTE)
        server.login = right
        until(lambda: away.try_after(1) or len(away.carrier.sent) == 2)
        iis.close()

    assert away.carrier.began()[0] == DELAYED
    assert "/r/" in away.carrier.sent[1].body


def test_for_another_contact_the_hour_ends_in_silence(phone: Phone, away: Away) -> None:
    phone.number = "+13605550111"
    phone.text(*TOM)

    for minutes in (0, 5, 50, 5):
        away.try_after(minutes * MINUTE)
    away.iis.down = False
    away.try_after(MINUTE)

    assert away.carrier.sent == []
    assert (away.session(phone.number).work, away.jobs.queued) == ((), [])


def test_for_another_contact_the_link_comes_when_the_registry_is_back_within_the_hour(phone: Phone, away: Away) -> None:
    phone.number = "+13605550111"
    phone.text(*TOM)

    for minutes in (0, 5, 50):
        away.try_after(minutes * MINUTE)
    away.iis.down = False
    away.try_after(4 * MINUTE)

    assert [message.to for message in away.carrier.sent] == ["+13605550112"]


@pytest.mark.parametrize("contact", ["360-555-0112", "360-555-0190"], ids=["on the record", "on no record"])
@pytest.mark.parametrize("registry", ["up", "down", "back late", "refusing"])
def test_for_another_contact_the_chat_is_the_same_whatever_comes_of_it(
    registry: str, contact: str, phone: Phone, away: Away
) -> None:
    phone.number = "+13605550111"
    away.iis.down = registry in ("down", "back late")
    if registry == "refusing":
        away.jobs.services = replace(away.services, iis=Refusing())
    closed = phone.text(*TOM[:-3], contact, *TOM[-2:])

    away.try_after(1)
    away.try_after(2 * MINUTE)
    heard = [phone.text("what now"), phone.text("link")]
    away.try_after(50 * MINUTE)
    away.iis.down = registry == "down"
    away.try_after(9 * MINUTE)
    heard.append(phone.text("link"))

    texts = away.services.flow.words_in("en").say
    menu = "1 Another person\n2 Finish"
    assert closed == f"{texts['closed']}\n{menu}".replace("{help_line}", away.services.flow.values["help_line"])
    assert heard[0] == f"{texts['closed.retry.not_an_option']}\n{menu}"
    assert str(heard[1]).startswith(texts["last.elsewhere"])
    assert heard[2] == texts["last.elsewhere"]
    assert [message for message in away.carrier.sent if message.to == phone.number] == []


def test_for_another_contact_the_words_promise_no_link_and_say_when_to_try_something_else(
    phone: Phone, away: Away
) -> None:
    phone.number = "+13605550111"

    reply = str(phone.text(*TOM))

    assert reply.startswith("If that phone or email is on a record with these answers, a link goes there.")
    for said in ("minutes", "at the latest after about an hour", "Nothing by then?", "RESTART", "1-833-555-0199"):
        assert said in reply


def test_for_another_contact_a_registry_that_refuses_changes_no_word(phone: Phone, away: Away) -> None:
    away.jobs.services = replace(away.services, iis=Refusing())
    phone.number = "+13605550111"
    reply = phone.text(*TOM)

    away.try_after(1)

    assert str(reply).startswith("If that phone or email is on a record")
    assert away.carrier.sent == []
    assert read_outbox(phone.outbox) == []
    assert away.jobs.queued == []
