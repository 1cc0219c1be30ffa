"""Each text and each event has its turn once, whoever saves meanwhile, and nothing is said, sent or begun twice."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from conftest import ANA, Clock, Phone, RecordedJobs
from fakes.around import Around
from limited import with_limits
from structlog.testing import capture_logs

from bot.audit.noting import came_out
from bot.conversation.events import Delay, Event, Outcome, Text, Undelivered
from bot.conversation.session import REMEMBERED, Answered, Session
from bot.limiting import admit_text
from bot.limits.table import HOUR, Rule
from bot.outbox.delivery import Delivery, delivery_id
from bot.ports import Services, SessionConflict, StoreUnavailable
from bot.telling import tell
from bot.turn import ATTEMPTS, CHAT, NOTED, Decided, take_turn, update
from bot.wiring import System

ASKED = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821")
LAST = "1"  # the answer with which the work begins
SID = "SM" + "5" * 32


@dataclass
class Contested(Around):
    """Sessions that somebody else saves first, so many times."""

    conflicts: int = 0
    saves: int = 0

    def save(self, *place: Any, **rest: Any) -> None:
        self.saves += 1
        if self.conflicts:
            self.conflicts -= 1
            raise SessionConflict
        self.real.save(*place, **rest)


@dataclass
class Chat:
    """Ana's, as the parts below the webhook see it."""

    services: Services
    jobs: RecordedJobs
    phone: Phone

    @property
    def key(self) -> str:
        return self.services.sessions.key(ANA)

    @property
    def session(self) -> Session:
        session = self.services.sessions.load(self.key).session
        assert session
        return session

    @property
    def work_id(self) -> str:
        return self.session.work[0].id

    def contested(self, conflicts: int = 0) -> Contested:
        """From now on somebody else saves first, so many times."""
        sessions = Contested(self.services.sessions, conflicts)
        self.services = self.jobs.services = replace(self.services, sessions=sessions)
        return sessions

    def text(self, body: str, sid: str = SID, **more: Any) -> Answered:
        return take_turn(self.services, self.key, Text(body, sid, **more), ANA)

    def by_message(self, body: str, sid: str = SID) -> Answered:
        return take_turn(self.services, self.key, Text(body, sid), ANA, by_message=True)

    def told(self, event: Event, **more: Any) -> bool:
        assert not isinstance(event, Text)
        return tell(self.services, self.key, event, **more)

    def delivery(self, event_id: str) -> Delivery | None:
        return self.services.deliveries.load(delivery_id(event_id, CHAT))

    def received(self) -> list[str]:
        self.jobs.send()
        return [str(message["body"]) for message in self.phone.received()]

    def audited(self, event: str) -> int:
        return sum(entry.event == event for page in self.services.audit.pages() for _, entry in page)

    def counted(self, **wanted: str) -> int:
        days = self.services.funnel.read(["2026-11-18"]).values()
        return sum(
            count
            for day in days
            for known, count in day.items()
            if all(getattr(known, name) == value for name, value in wanted.items())
        )


@pytest.fixture
def chat(services: Services, jobs: RecordedJobs, phone: Phone) -> Chat:
    return Chat(services, jobs, phone)


@pytest.fixture
def looking(chat: Chat) -> Chat:
    """She has asked for her record, and nobody has worked yet."""
    chat.phone.text(*ASKED, LAST)
    return chat


# What a session remembers


def test_a_session_knows_each_event_by_its_name_alone() -> None:
    session = Session(ANA)
    for name in ("b", "c", "a"):
        session = session.remember(Answered(name, f"to {name}"))

    assert [session.answer_to(name) for name in "abc"] == [Answered(name, f"to {name}") for name in "abc"]
    assert session.answer_to("".join(("", "b"))) == Answered("b", "to b")
    assert [session.answer_to(name) for name in ("", "aa", "0", "z")] == [None] * 4


def test_a_session_remembers_the_newest_events_in_their_order() -> None:
    session = Session(ANA)
    for number in range(REMEMBERED + 6):
        session = session.remember(Answered(str(number)))

    assert [answered.id for answered in session.seen] == [str(number) for number in range(6, REMEMBERED + 6)]


# Texts


def test_the_same_text_again_gets_the_same_answer_and_saves_nothing(chat: Chat) -> None:
    sessions = chat.contested()
    first = chat.text("Hi")
    before = chat.session

    with capture_logs() as logged:
        again = chat.text("Hi")

    assert again == first
    assert again.text
    assert (chat.session, sessions.saves) == (before, 1)
    assert [line["again"] for line in logged if line["event"] == "text"] == [True]


def test_a_turn_that_changes_nothing_saves_nothing(chat: Chat) -> None:
    chat.text("Hi")
    sessions = chat.contested()

    assert update(chat.services, chat.key, lambda session: Decided(replace(session), "told")) == "told"

    assert sessions.saves == 0


def test_texts_without_a_name_have_a_turn_each(chat: Chat) -> None:
    now = chat.services.now()

    hello, chosen = chat.text("Hi", ""), chat.text("1", "")

    assert hello.text != chosen.text
    assert chat.session.state == "ask_first_name"
    assert chat.services.heard.known([""], now, now) == set()


def test_a_text_that_had_its_turn_is_known_longer_than_its_session(chat: Chat) -> None:
    now = chat.services.now()

    chat.text("Hi")

    assert chat.services.heard.known([SID, "SM" + "6" * 32], now, now) == {SID}


def test_whoever_loses_runs_again_and_begins_no_second_work(chat: Chat) -> None:
    chat.phone.text(*ASKED)
    sessions = chat.contested(conflicts=2)

    answer = chat.text(LAST)

    assert answer.text
    assert sessions.saves == 3
    assert [work_id for _, work_id, _ in chat.jobs.queued] == [chat.work_id]
    assert chat.audited("requested") == 1


def test_a_session_that_others_always_save_first_is_given_up_and_nothing_is_said(chat: Chat) -> None:
    sessions = chat.contested(conflicts=10 * ATTEMPTS)

    with pytest.raises(StoreUnavailable):
        chat.text("Hi")

    assert sessions.saves == ATTEMPTS


def test_an_answer_by_message_goes_out_once_and_its_webhook_gets_silence(chat: Chat) -> None:
    first, again = chat.by_message("Hi"), chat.by_message("Hi")

    assert first.text
    assert again.text == ""
    assert chat.received() == [first.text]
    assert chat.session.posted == (SID,)
    assert chat.text("Hi").text == ""


def test_an_answer_to_a_webhook_is_no_message(chat: Chat) -> None:
    answer = chat.text("Hi")

    assert chat.by_message("Hi").text == answer.text
    assert chat.received() == []


def test_an_answer_of_no_words_is_no_message(chat: Chat) -> None:
    assert chat.by_message("STOP").text == ""

    assert chat.received() == []
    assert chat.session.posted == ()


def test_a_text_costs_once_and_silence_nothing(chat: Chat) -> None:
    chat.text("Hi")
    chat.text("Hi")
    assert chat.services.limits.texts() == 1

    chat.text("HELP", "SM" + "6" * 32)
    assert chat.services.limits.texts() == 1


def test_one_text_too_many_touches_no_session_and_stop_always_counts(chat: Chat) -> None:
    chat.services = chat.jobs.services = with_limits(chat.services, replies=Rule(2, HOUR))
    chat.text("Hi", "SM1")
    admit_text(chat.services, ANA, "SM2")
    before = chat.session

    assert chat.text("1", "SM3").text == ""
    assert chat.session == before
    assert chat.text("STOP", "SM4").text == ""
    assert chat.session.state == ""


def test_she_is_answered_from_the_number_that_she_texted_last(chat: Chat) -> None:
    chat.text("Hi", "SM1", to="+15555550198")
    chat.text("1", "SM2")
    assert chat.session.ours == "+15555550198"

    chat.text("Ana", "SM3", to="+15555550199")
    assert chat.session.ours == "+15555550199"


@pytest.mark.parametrize("conflicts", [0, 2])
def test_for_a_contact_elsewhere_all_is_said_at_once_and_the_work_goes_on_once(chat: Chat, conflicts: int) -> None:
    chat.phone.text("Hi", "1", "Priya", "Natarajan", "4/17/1994", "priya.natarajan@example.org", "1")
    chat.contested(conflicts)

    first, again = chat.text("9046"), chat.text("9046")

    assert again == first
    assert first.text.startswith("If that phone or email is on a record")  # and nothing promises another answer
    assert chat.session.state == "closed"
    assert [work_id for _, work_id, _ in chat.jobs.queued] == [chat.work_id]
    assert chat.session.answer_to(chat.work_id)
    assert chat.counted(kind="outcome", code="sent_elsewhere") == 1
    assert not chat.told(Outcome(chat.work_id, "no_match"))
    assert chat.received() == []


def test_what_a_limit_ends_at_once_begins_no_work_and_is_on_record_once(chat: Chat) -> None:
    chat.services = chat.jobs.services = with_limits(chat.services, lookups=Rule(0, HOUR))
    chat.phone.text("Hi", "1", "Priya", "Natarajan", "4/17/1994", "priya.natarajan@example.org", "1")
    chat.contested(conflicts=1)

    first, again = chat.text("9046"), chat.text("9046")

    assert again == first
    assert chat.jobs.queued == []
    assert chat.session.work == ()
    assert (chat.audited("requested"), chat.audited("outcome"), chat.audited("withdrawn")) == (1, 1, 0)


def test_what_is_over_ends_once_and_the_text_after_it_begins_anew(chat: Chat, clock: Clock) -> None:
    chat.text("Hi", "SM1")
    chat.text("1", "SM2")
    clock.wait(31 * 60)
    chat.contested(conflicts=1)

    chat.text("Ana", "SM3")
    chat.text("Ana", "SM3")

    assert chat.session.state == "welcome"
    assert [(left.state, left.language) for left in chat.session.left] == [("ask_first_name", "en")]
    assert chat.counted(kind="abandoned") == 1
    assert chat.counted(kind="started") == 2
    assert chat.services.sessions.ended(clock(), 9) == []  # whoever is to log the end has a minute
    assert chat.services.sessions.ended(clock() + NOTED, 9) == [chat.key]


def test_what_was_taken_back_does_not_leave(looking: Chat) -> None:
    assert looking.told(Delay(looking.work_id))

    looking.text("RESTART")

    assert looking.session.posted == ()
    assert looking.received() == []


# What the worker tells


def test_an_outcome_is_told_once(looking: Chat) -> None:
    work_id = looking.work_id
    outcome = Outcome(work_id, "sent", {"link": "https://x.example/r/T"})

    assert looking.told(outcome)
    assert not looking.told(outcome)

    (message,) = looking.received()
    assert "https://x.example/r/T" in message
    assert looking.session.answer_to(work_id) == Answered(work_id)
    assert looking.session.posted == (work_id,)
    assert looking.counted(kind="outcome", code="sent") == 1
    assert looking.counted(kind="finished") == 1


def test_an_outcome_is_told_once_though_others_save_first(looking: Chat) -> None:
    sessions = looking.contested(conflicts=2)

    assert looking.told(Outcome(looking.work_id, "no_match"))

    assert sessions.saves == 3
    assert len(looking.received()) == 1
    assert looking.counted(kind="outcome") == 1


def test_that_it_takes_longer_is_told_once_and_is_no_outcome(looking: Chat) -> None:
    delay = Delay(looking.work_id)

    assert looking.told(delay)
    assert not looking.told(delay)

    assert len(looking.received()) == 1
    assert looking.counted(kind="outcome") == 0
    assert looking.told(Outcome(looking.work_id, "no_match"))


def test_what_the_worker_adds_goes_with_the_message(looking: Chat) -> None:
    work_id, key = looking.work_id, looking.services.audit.key
    entry = came_out(key, looking.session.work[0], "sent_picture", looking.services.now())
    picture = Outcome(work_id, "sent_picture", {"vaccine": "COVID-19"}, media_url="https://x.example/m/T.png")

    for _ in range(2):
        looking.told(picture, enclose=lambda plain: replace(plain, brings="picture"), audited=(entry,))

    delivery = looking.delivery(work_id)
    assert delivery
    assert (delivery.brings, delivery.message.media_url) == ("picture", "https://x.example/m/T.png")
    assert looking.audited("outcome") == 1


def test_words_alone_have_no_picture(looking: Chat) -> None:
    work_id = looking.work_id

    looking.told(Outcome(work_id, "no_match"))

    delivery = looking.delivery(work_id)
    assert delivery
    assert delivery.message.media_url is None


def test_what_says_nothing_and_changes_nothing_saves_nothing(looking: Chat) -> None:
    sessions, before = looking.contested(), looking.session

    assert not looking.told(Outcome("of nobody", "sent", {"link": "L"}))

    assert (looking.session, sessions.saves) == (before, 0)
    assert looking.received() == []


def test_that_a_message_did_not_arrive_is_noted_once_in_silence(looking: Chat) -> None:
    event = Undelivered(looking.work_id, "link", by_email=False, attempt=1)

    assert not looking.told(event)
    assert looking.session.missed == "link"
    assert "could not be delivered" in looking.text("hello?").text
    assert not looking.told(event)

    assert looking.session.missed == ""
    assert looking.received() == []


def test_whose_session_is_gone_is_known_by_her_phone(chat: Chat, system: System) -> None:
    chat.phone.text("Hi")
    system.client.delete(chat.key)

    assert not chat.told(Undelivered("w", "link", by_email=False, attempt=1), phone=ANA)

    assert (chat.session.phone, chat.session.missed) == (ANA, "link")
