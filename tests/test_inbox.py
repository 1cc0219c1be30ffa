"""Texts whose webhook never reached us are found in Twilio's list and answered, exactly once, if that still helps."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import pytest
from conftest import ACCOUNT_SID, ANA, AUTH_TOKEN, OUR_NUMBER, Clock, Phone, reply_in
from fakes.around import Around
from fakes.post_office import Killed, PostOffice
from fakes.twilio import BROKEN, HANG_UP, TOO_MANY, Failure, FakeTwilio
from fakes.until import until
from structlog.testing import capture_logs

from bot.conversation.session import Session
from bot.delivery.twilio_inbox import TwilioInbox
from bot.inbound import round as rounds
from bot.inbound.round import EVERY, OLD_ENOUGH, sweep_inbox
from bot.limits.table import Rule
from bot.ports import Inbox, InboxUnavailable, Services, StoreUnavailable
from bot.transcripts.app import FixedFlow
from bot.wiring import System
from bot.worker import start_worker

BEN = "+13605550101"
HOUR = 3600
TOO_LATE = "Sorry, we could not answer your earlier text."
HELLO, FIRST_NAME = "State registry:", "What is the first name"


@dataclass
class Sweeper:
    post: PostOffice
    twilio: FakeTwilio
    clock: Clock

    @property
    def services(self) -> Services:
        return self.post.services

    def lost(self, *bodies: str, sender: str = ANA, **extra: Any) -> list[str]:
        """Texts that Twilio has and we have not, a second apart."""
        sids = []
        for body in bodies:
            sids.append(self.twilio.receive(sender, body, OUR_NUMBER, **extra))
            self.clock.wait(1)
        return sids

    def arrives(self, *bodies: str, sender: str = ANA) -> str | None:
        """Texts that Twilio has and posts to us."""
        self.post.phone.number = sender
        reply = None
        for body in bodies:
            (sid,) = self.lost(body, sender=sender)
            reply = self.posted(body, sid)
        return reply

    def posted(self, body: str, sid: str) -> str | None:
        return reply_in(self.post.phone.post(body, sid=sid))

    def sweep(self, after: float = EVERY) -> int:
        self.clock.wait(after)
        return sweep_inbox(self.services)

    def answers(self, phone: str = ANA) -> list[str]:
        """What the outbox brings to this phone."""
        for _ in range(3):
            self.post.send()
        return [message.body for message in self.twilio.to(phone)]

    def session(self, phone: str = ANA) -> Session:
        session = self.services.sessions.load(self.services.sessions.key(phone)).session
        assert session
        return session


@pytest.fixture
def sweeper(post: PostOffice, twilio: FakeTwilio, clock: Clock) -> Sweeper:
    inbox = TwilioInbox(ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, twilio.url)
    inbox.client.http_client.timeout = 0.5
    post.jobs.services = replace(post.services, inboxes=[inbox])
    sweeper = Sweeper(post, twilio, clock)
    sweep_inbox(sweeper.services)  # from now on
    return sweeper


def test_a_lost_text_is_answered_by_message_and_the_conversation_goes_on(sweeper: Sweeper) -> None:
    sweeper.lost("Hi")

    assert sweeper.sweep() == 1

    (answer,) = sweeper.answers()
    assert answer.startswith(HELLO)
    assert str(sweeper.arrives("1")).startswith(FIRST_NAME)


def test_what_reached_us_is_left_alone(sweeper: Sweeper) -> None:
    sweeper.arrives("Hi", "1", "HELP", "Ana")

    assert sweeper.sweep() == 0

    assert sweeper.answers() == []


def test_a_text_that_may_still_arrive_is_waited_for(sweeper: Sweeper) -> None:
    sweeper.clock.wait(EVERY)
    sweeper.lost("Hi")

    assert sweeper.sweep(after=OLD_ENOUGH - 5) == 0
    assert sweeper.sweep() == 1


def test_it_is_answered_once_however_often_we_look_and_twilio_lists_it(sweeper: Sweeper) -> None:
    sweeper.lost("Hi")
    sweeper.twilio.received.append(sweeper.twilio.received[0])

    assert [sweeper.sweep() for _ in range(4)] == [1, 0, 0, 0]

    assert len(sweeper.answers()) == 1


def test_each_phone_gets_its_turns_in_the_order_of_sending(sweeper: Sweeper) -> None:
    for body in ("Hi", "1", "Ana"):
        sweeper.twilio.receive(ANA, body, OUR_NUMBER)  # all in one second
    sweeper.lost("hola", "2", sender=BEN)

    sweeper.sweep()

    assert sweeper.session(ANA).state == "ask_last_name"
    assert sweeper.session(BEN).language == "es"


def test_a_webhook_that_comes_after_all_gets_silence(sweeper: Sweeper) -> None:
    (sid,) = sweeper.lost("Hi")
    sweeper.sweep()

    answer = sweeper.posted("Hi", sid)

    assert answer is None
    assert len(sweeper.answers()) == 1


def test_the_webhook_and_many_sweepers_at_once_give_one_answer_in_all(sweeper: Sweeper) -> None:
    for number in range(12):
        phone = f"+136055502{number:02d}"
        (sid,) = sweeper.lost("Hi", sender=phone)
        sweeper.clock.wait(EVERY)
        unlocked = replace(sweeper.services, locks=NoLocks())

        with ThreadPoolExecutor(3) as pool:
            sweeps = [pool.submit(sweep_inbox, unlocked) for _ in range(2)]
            sweeper.post.phone.number = phone
            reply = pool.submit(sweeper.posted, "Hi", sid).result()
            assert all(sweep.exception() is None for sweep in sweeps)

        assert (reply is not None) + len(sweeper.answers(phone)) == 1


class NoLocks:
    """As if the lock had ended while its worker was frozen."""

    def hold(self, name: str) -> Any:
        return nullcontext(True)


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_sweeper_that_is_killed_anywhere_leaves_no_text_without_its_turn_and_none_with_two(
    after: int, sweeper: Sweeper
) -> None:
    sweeper.lost("Hi", "1", "Ana", "Reyes")
    sessions = Dying(sweeper.services.sessions, after)
    sweeper.clock.wait(EVERY)
    with pytest.raises(Killed):
        sweep_inbox(replace(sweeper.services, sessions=sessions))

    sweeper.sweep()

    assert len(sweeper.answers()) == 4
    assert sweeper.session().state == "ask_dob"


@dataclass
class Dying(Around):
    """The process ends right after so many saves."""

    left: int

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.left == 0:
            raise Killed
        self.real.save(*args, **kwargs)
        self.left -= 1
        if self.left == 0:
            raise Killed


def test_a_text_that_was_sent_again_and_heard_is_not_taken_for_the_next_answer(sweeper: Sweeper) -> None:
    sweeper.arrives("Hi", "1")
    sweeper.lost("Ana")
    sweeper.clock.wait(20)
    sweeper.arrives("Ana")

    sweeper.sweep()

    assert sweeper.session().state == "ask_last_name"
    assert sweeper.answers() == []


def test_a_text_written_before_the_record_came_is_no_answer_to_what_was_asked_then(sweeper: Sweeper) -> None:
    sweeper.arrives("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
    sweeper.lost("hello")  # at the menu that follows, this means another person
    sweeper.clock.wait(20)
    sweeper.post.work()

    sweeper.sweep()

    assert sweeper.session().state == "done"
    assert len(sweeper.answers()) == 1


def test_a_stop_counts_however_late_and_gets_silence(sweeper: Sweeper) -> None:
    sweeper.arrives("Hi", "1", "Ana")
    sweeper.lost("STOP")

    sweeper.sweep(after=2 * HOUR)

    assert (sweeper.session().state, sweeper.session().answers) == ("", {})
    assert sweeper.answers() == []


@pytest.mark.parametrize("word", ["HELP", "START", "stop texting me"])
def test_words_that_are_answered_elsewhere_get_silence(word: str, sweeper: Sweeper) -> None:
    sweeper.lost(word)

    sweeper.sweep()

    assert sweeper.answers() == []
    assert sweeper.sweep() == 0


def test_a_stop_that_was_lost_is_kept_like_one_that_was_heard(sweeper: Sweeper) -> None:
    sweeper.lost("STOP")

    sweeper.sweep()

    assert sweeper.services.stops.has(ANA)


def test_a_start_that_was_lost_before_she_said_stop_does_not_count(sweeper: Sweeper) -> None:
    sweeper.arrives("STOP")
    sweeper.lost("START")
    sweeper.arrives("leave me alone")

    sweeper.sweep()

    assert sweeper.services.stops.has(ANA)
    assert sweeper.sweep() == 0


def test_a_start_that_was_lost_after_it_counts(sweeper: Sweeper) -> None:
    sweeper.arrives("STOP")
    sweeper.lost("START")

    sweeper.sweep()

    assert not sweeper.services.stops.has(ANA)


def test_a_picture_without_words_is_answered_as_by_the_webhook(sweeper: Sweeper) -> None:
    sweeper.arrives("Hi", "1")
    sweeper.lost("", media=True)

    sweeper.sweep()

    (answer,) = sweeper.answers()
    assert FIRST_NAME in answer


@pytest.mark.parametrize("sender", ["whatsapp:+13605550100", "12345", "BANK", OUR_NUMBER])
def test_nobody_but_a_phone_is_answered(sender: str, sweeper: Sweeper) -> None:
    sweeper.lost("Hi", sender=sender)

    assert sweeper.sweep() == 0


def test_texts_to_a_number_that_is_not_ours_are_not_ours(sweeper: Sweeper) -> None:
    sweeper.twilio.receive(ANA, "Hi", "+15555550111")

    assert sweeper.sweep() == 0


def test_after_hours_each_phone_gets_one_apology_and_no_answer(sweeper: Sweeper) -> None:
    sweeper.lost("Hi", "hello?", "anybody there")
    sweeper.lost("hola", sender=BEN)

    sweeper.sweep(after=3 * HOUR)

    for phone in (ANA, BEN):
        (apology,) = sweeper.answers(phone)
        assert apology.startswith(TOO_LATE)
        assert "Perdone" in apology  # for nobody knows her language yet
    assert sweeper.sweep() == 0
    assert str(sweeper.arrives("Hi")).startswith(HELLO)


def test_an_apology_is_a_reply_like_others_and_not_one_too_many(sweeper: Sweeper) -> None:
    flow = sweeper.services.flow
    allowed = {**flow.allowed, "replies": (Rule(1, HOUR),)}
    sweeper.post.jobs.services = replace(sweeper.services, flows=FixedFlow(replace(flow, allowed=allowed)))
    for _ in range(2):
        sweeper.lost("Hello?")
        sweeper.sweep(after=2 * HOUR)

    assert len(sweeper.answers()) == 1


def test_an_apology_comes_in_the_language_that_was_spoken(sweeper: Sweeper) -> None:
    sweeper.arrives("Hi", "2", "Ana")
    sweeper.lost("Reyes")

    sweeper.sweep(after=2 * HOUR)

    (apology,) = sweeper.answers()
    assert apology.startswith("Perdone")


def test_who_texted_again_after_the_outage_gets_her_answer_and_no_apology(sweeper: Sweeper) -> None:
    sweeper.lost("Hi")
    sweeper.clock.wait(2 * HOUR)
    sweeper.arrives("Hi", "1")

    sweeper.sweep()

    assert sweeper.answers() == []
    assert sweeper.session().state == "ask_first_name"


def test_when_texts_are_too_old_is_a_setting(sweeper: Sweeper) -> None:
    sweeper.post.jobs.services = replace(sweeper.services, answer_within=4.0 * HOUR)
    sweeper.lost("Hi")

    sweeper.sweep(after=3 * HOUR)

    assert sweeper.answers()[0].startswith(HELLO)


def test_what_was_answered_long_ago_is_known_when_its_session_is_gone(sweeper: Sweeper, system: System) -> None:
    sweeper.arrives("Hi", "1")
    system.client.delete(sweeper.services.sessions.key(ANA))

    assert sweeper.sweep(after=5 * HOUR) == 0


def test_what_a_session_cannot_hold_is_known_all_the_same(sweeper: Sweeper) -> None:
    sweeper.arrives("Hi", "1", *["HELP"] * 70)

    assert sweeper.sweep() == 0


def test_an_outage_of_hours_with_hundreds_of_texts_is_worked_off_page_by_page(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.twilio_inbox.PAGE", 50)
    monkeypatch.setattr(rounds, "MISSED", 120)
    phones = [f"+1360555{number:04d}" for number in range(1000, 1300)]
    for phone in phones:
        sweeper.lost("Hi", sender=phone)
    sweeper.clock.wait(4 * HOUR)

    rounds_fed = [sweeper.sweep() for _ in range(5)]

    assert (sum(rounds_fed), rounds_fed[-1]) == (300, 0)
    assert max(rounds_fed) <= 170
    for _ in range(8):
        sweeper.post.send()
    assert sorted(message.to for message in sweeper.twilio.sent) == phones


def test_once_all_is_settled_only_the_newest_page_is_read(sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.twilio_inbox.PAGE", 10)
    sweeper.lost(*["HELP"] * 60)
    sweeper.sweep()
    sweeper.clock.wait(HOUR)
    sweeper.sweep()
    sweeper.twilio.looks.clear()

    sweeper.sweep()

    assert len(sweeper.twilio.looks) == 1


@pytest.mark.parametrize("failure", [BROKEN, TOO_MANY, HANG_UP, Failure(401, 20003)], ids=["500", "429", "-", "401"])
def test_twilio_away_is_a_word_in_the_log_and_the_next_minute_finds_all(failure: Failure, sweeper: Sweeper) -> None:
    sweeper.lost("Hi")
    sweeper.twilio.fail_to_tell(failure)

    with pytest.raises(InboxUnavailable) as away:
        sweeper.sweep()

    assert ANA not in str(away.value)
    assert sweeper.sweep(after=EVERY / 2) == 0
    assert sweeper.sweep() == 1


def test_redis_away_loses_nothing(sweeper: Sweeper) -> None:
    sweeper.lost("Hi")
    sweeper.clock.wait(EVERY)

    with pytest.raises(StoreUnavailable):
        sweep_inbox(replace(sweeper.services, heard=Away()))

    assert sweeper.sweep() == 1


class Away:
    def swept(self) -> None:
        raise StoreUnavailable("TimeoutError")


def test_a_fault_with_one_phone_keeps_nobody_else_waiting(sweeper: Sweeper) -> None:
    sweeper.lost("Hi")
    sweeper.lost("Hi", sender=BEN)
    broken = Broken(sweeper.services.sessions, sweeper.services.sessions.key(ANA))
    sweeper.clock.wait(EVERY)

    assert sweep_inbox(replace(sweeper.services, sessions=broken)) == 1

    assert len(sweeper.answers(BEN)) == 1
    assert sweeper.sweep() == 1
    assert len(sweeper.answers(ANA)) == 1


@dataclass
class Broken(Around):
    key_of_ana: str

    def load(self, key: str, phone: str = "") -> Any:
        if key == self.key_of_ana:
            raise ValueError("no room for Ana")
        return self.real.load(key, phone)


def test_a_worker_looks_by_itself_and_outlives_a_twilio_that_is_away(
    sweeper: Sweeper, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.worker.LOOK", 0.02)
    sweeper.lost("Hi")
    sweeper.twilio.fail_to_tell(BROKEN)
    sweeper.clock.wait(EVERY)

    worker = start_worker(sweeper.services, system.broker)

    try:
        until(lambda: not sweeper.twilio.blind)
        sweeper.clock.wait(EVERY)
        (answer,) = until(lambda: sweeper.twilio.to(ANA))
    finally:
        worker.stop(5)
    assert answer.body.startswith(HELLO)
    assert sweeper.post.phone.client.get("/readyz").status_code == 200


def test_several_workers_look_once_a_minute_between_them(sweeper: Sweeper) -> None:
    sweeper.clock.wait(EVERY)

    for _ in range(5):
        sweep_inbox(sweeper.services)
        sweeper.clock.wait(5)

    assert len(sweeper.twilio.looks) == 1


def test_texts_from_before_we_were_there_are_not_answered(post: PostOffice, twilio: FakeTwilio, clock: Clock) -> None:
    inbox: Inbox = TwilioInbox(ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, twilio.url)
    services = replace(post.services, inboxes=[inbox])
    twilio.receive(ANA, "Hi", OUR_NUMBER)
    clock.wait(1000)

    fed = []
    for _ in range(3):
        fed.append(sweep_inbox(services))
        clock.wait(EVERY)

    assert fed == [0, 0, 0]


def test_the_log_names_sids_and_nothing_personal(sweeper: Sweeper) -> None:
    sids = sweeper.lost("Hi", "1", "Ana")
    sweeper.lost("Reyes Muñoz", sender=BEN)

    with capture_logs() as logged:
        sweeper.sweep()

    assert {line["sid"] for line in logged if line["event"] == "text_fed"} >= set(sids)
    assert [word for word in (ANA, BEN, "Ana", "Reyes", "Muñoz") if word in printed(logged)] == []


def printed(logged: list[Mapping[str, Any]]) -> str:
    return repr(logged)


def test_what_we_keep_of_texts_has_an_end(phone: Phone, sweeper: Sweeper, system: System) -> None:
    sweeper.lost("Hi")
    sweeper.sweep()
    keys = [*system.client.scan_iter("vt:h:*"), b"vt:swept"]

    assert len(keys) == 2
    assert all(0 < system.client.ttl(key) <= 26 * HOUR for key in keys)


def test_texts_to_each_of_our_numbers_are_looked_for_as_far_back_as_needed(sweeper: Sweeper) -> None:
    """Old texts to the first number end the reading of its list, and of no other's."""
    second = "+18335550177"
    inboxes = [
        TwilioInbox(ACCOUNT_SID, AUTH_TOKEN, number, sweeper.twilio.url, ours=(OUR_NUMBER, second))
        for number in (OUR_NUMBER, second)
    ]
    sweeper.post.jobs.services = replace(sweeper.services, inboxes=inboxes)
    sweeper.arrives("Hi")
    sweeper.clock.wait(2 * rounds.OVERLAP)
    sweep_inbox(sweeper.services)
    sweeper.twilio.receive(BEN, "Hi", second)
    sweeper.twilio.receive(OUR_NUMBER, "Hi", second)  # ourselves

    assert sweeper.sweep() == 1

    (answer,) = sweeper.answers(BEN)
    assert answer.startswith(HELLO)
    assert sweeper.session(BEN).ours == second
