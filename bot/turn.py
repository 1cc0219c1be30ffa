"""One turn: load the session, let the engine decide, start the work, save. Two texts at once both get their turn."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Generic, TypeVar

import structlog

from bot.admitting import admit
from bot.audit.entry import Entry
from bot.audit.noting import of_turn, refused
from bot.conversation import lifetime
from bot.conversation.engine import advance
from bot.conversation.events import Event, Outcome, Text, Turn
from bot.conversation.flow import Flow
from bot.conversation.folding import fold
from bot.conversation.gsm7 import segments
from bot.conversation.session import Answered, Left, Session
from bot.conversation.stopping import starts, stops, wants_silence
from bot.conversation.wording import fill, outside
from bot.fault_points import reach
from bot.funnel.fields import Field
from bot.funnel.noting import noted, of_abandoned
from bot.limiting import admit_text, count_message, count_silence, is_crowded, may_be_told
from bot.outbox.course import ask_again, may_be_asked_for
from bot.outbox.delivery import Delivery, Message, delivery_id, file_of, new_delivery
from bot.passing_over import PAUSE, pass_over
from bot.ports import Admitted, Besides, Counted, LinkGone, Services, SessionConflict, StoreUnavailable, Wish

log = structlog.get_logger()
T = TypeVar("T")

CHAT = "chat"  # the channel of what goes to the chat itself
ATTEMPTS = 60  # each conflict means that another text of this phone got its turn
DAY = 24 * 3600
NOTHING: tuple[Delivery, ...] = ()
NOTED = 60.0  # seconds that one sweeper has to log the end of a conversation, before another does
GRACE = 1800  # seconds that a session outlives its limits if no worker ends it: it holds what could not be delivered


@dataclass(frozen=True, slots=True)
class Decided(Generic[T]):
    """The session as it is to be saved, what the caller gets, and the messages that are saved with it."""

    session: Session
    result: T
    post: tuple[Delivery, ...] = ()
    counted: tuple[Field, ...] = ()  # for the funnel
    abandoned: Session | None = None  # the conversation that this ends, because it had no answer for too long
    heard: tuple[str, ...] = ()  # the MessageSids that have their turn with this
    audited: tuple[Entry, ...] = ()  # how work came out that ends with this
    wish: Wish = ""  # what she says of messages that others ask for


@dataclass(frozen=True, slots=True)
class Taken:
    """What a text was answered with, and where that leads."""

    answered: Answered
    session: Session
    again: bool = False  # Twilio posted it twice
    outcome: Outcome | None = None  # of the work that it asked for, where that was known at once

    def log(self, services: Services) -> None:
        said, session = self.answered.text, self.session
        log.info(
            "text",
            sid=self.answered.id,
            who=services.who(session.phone, services.now()),
            silent=not said,
            again=self.again,
            state=session.state,
            language=session.language,
            segments=segments(said) if said else 0,
        )
        if self.outcome and not self.again:
            log.info("outcome", work=self.outcome.work_id, name=self.outcome.name)


def take_turn(services: Services, key: str, text: Text, phone: str, *, by_message: bool = False) -> Answered:
    """Answer one text, once: the same text again gets the same answer and changes nothing.

    `key` names the session, `phone` is needed where there is none yet. `by_message`: nobody waits for the answer, so
    it is saved in the outbox together with the turn, and the same text again gets silence. Raises StoreUnavailable.
    """
    reach("text_before_load")
    admitted = None if wants_silence(services.flow, text) else admit_text(services, phone, text.id)
    if admitted and admitted.refused:
        return _silence(services, text)
    started: set[str] = set()

    def decide(session: Session) -> Decided[Taken]:
        if text.id and (before := session.answer_to(text.id)):
            return Decided(session, Taken(before, session, again=True))
        turn = _come_back_later(services, session, text, admitted) if admitted else None
        if turn is None:
            turn = advance_today(services, session, replace(text, again=_can_send_again(services, session, text)))
        if turn.sends_again:
            _send_again(services, turn.session.last_id, text.id)
        over = lifetime.is_over(services.flow, session, services.now())
        audited: tuple[Entry, ...] = ()
        noted_in, counted = noted(session, turn, over=over)
        if outcome := known_at_once(services, turn):
            audited = _refused(services, turn, outcome)
            turn = told_at_once(services, turn, noted_in, outcome)
            noted_in, more = noted(noted_in, turn, outcome)
            counted = (*counted, *more)
        _start(services, key, turn, started)
        answered = Answered(text.id, "\n".join(turn.replies), personal=turn.personal)
        known = replace(noted_in, ours=text.to or session.ours)
        if by_message:
            silent = known.remember(Answered(text.id))
            after, post = send_answer(services, key, silent, text.id, answered.text, personal=answered.personal)
        else:
            after, post = known.remember(answered), NOTHING
        heard = (text.id,) if text.id else ()
        gone = _abandoned(session, after, over)
        after = leaving(key, gone, after) if gone else after
        taken = Taken(answered, after, outcome=outcome)
        wish = _wish(services.flow, session, text, answered.text)
        return Decided(
            after, taken, post=post, counted=counted, abandoned=gone, heard=heard, audited=audited, wish=wish
        )

    taken = update(services, key, decide, phone)
    taken.log(services)
    if admitted and not (taken.again or taken.answered.text):
        count_silence(services)
    return taken.answered


def _wish(flow: Flow, before: Session, text: Text, said: str) -> Wish:
    """STOP ends every conversation, so that who comes back begins one: whatever we answer then, she takes it again."""
    if stops(flow, text):
        return "stop"
    return "back" if starts(text) or (said and not before.state) else ""


def _silence(services: Services, text: Text) -> Answered:
    """One text too many of this phone. No session is touched, and nobody looks for the text later."""
    log.info("text_silenced", sid=text.id)
    pass_over(services, text.id)
    return Answered(text.id)


def _come_back_later(services: Services, session: Session, text: Text, admitted: Admitted) -> Turn | None:
    """Where we send too many texts altogether, who begins gets a fixed one, once an hour. None: as ever."""
    if not is_crowded(services, admitted) or not lifetime.begins(services.flow, session, text, services.now()):
        return None
    if not may_be_told(services, session.phone, text.id):
        return Turn(session)
    said = services.flow.language_of.get(fold(text.body), session.language)
    return Turn(session, (outside(services.flow, replace(session, language=said), "many_texts"),))


def send_answer(
    services: Services, key: str, session: Session, event_id: str, body: str, *, personal: bool = False
) -> tuple[Session, tuple[Delivery, ...]]:
    """The session and the message with which this answer goes to its chat by the outbox; no words, no message.

    `personal`: it says an answer of hers back.
    """
    if not body:
        return session, ()
    message = replace(to_her(services, session), body=body)
    delivery = replace(new_delivery(event_id, CHAT, message, services.now()), chat=key, personal=personal)
    return session.post(event_id), (delivery,)


def to_her(services: Services, session: Session) -> Message:
    """From the number that she texts, or else with the words that say who we are; its words are still to be said."""
    flow = services.flow
    who = fill(flow.words_in(session.language).page["issuer"], flow.values)
    return Message(to=session.phone, body="", language=session.language, ours=session.ours, who=who)


def advance_today(services: Services, session: Session, event: Event) -> Turn:
    """What the engine makes of an event now, with today's flow, or the one that this conversation began with."""
    flow = services.flow
    older = services.flows.older(session.flow) if session.state and session.flow != flow.structure else None
    return advance(flow, session, event, now=services.now(), older=older)


def update(services: Services, key: str, decide: Callable[[Session], Decided[T]], phone: str = "") -> T:
    """Load, decide and save until nobody else saved in between. A message that was taken back is void at once."""
    for attempt in range(ATTEMPTS):
        loaded = services.sessions.load(key, phone)
        before = loaded.session or Session(phone=phone)
        before = before if before.phone else replace(before, phone=phone)
        decided = decide(before)
        if (after := decided.session) == before:
            return decided.result
        flow = services.flow
        void = [delivery_id(event_id, CHAT) for event_id in before.posted if event_id not in after.posted]
        ends_at = services.now() + NOTED if after.left else lifetime.ends_at(flow, after)
        life = _life(flow, after)
        counted = _counted(services, decided)
        save = partial(services.sessions.save, key, after, loaded.stamp, life, ends_at=ends_at)
        try:
            besides = _besides(services, before, decided)
            save(
                post=decided.post, void=void, counted=counted, heard=decided.heard, now=services.now(), besides=besides
            )
        except SessionConflict:
            time.sleep(random.uniform(0, 0.002 * min(attempt, 10)))  # noqa: S311 - only to step aside
            continue
        return decided.result
    raise StoreUnavailable("this session changes faster than it can be saved")


def _besides(services: Services, before: Session, decided: Decided[T]) -> Besides:
    """What the audit trail is to know of this turn, and which texts are to be erased at Twilio after it."""
    now, after = services.now(), decided.session
    told = {entry.request for entry in decided.audited}
    entries = [entry for entry in of_turn(services.audit.key, before, after, now) if entry.request not in told]
    erase = lifetime.to_erase(before, after) if "inbound" in services.erases else ()
    return Besides(
        audited=tuple(map(services.audit.sealed, (*decided.audited, *entries))),
        erase=tuple(f"inbound:{sid}" for sid in erase),
        erase_at=now + PAUSE,
        now=now,
        wish=decided.wish,
    )


def leaving(key: str, ended: Session, after: Session) -> Session:
    """`after` holds the note of the conversation that ended, until a sweeper has logged it: no kill loses it."""
    note = sha256(f"{key}:{ended.started}".encode()).hexdigest()[:12]
    return replace(after, left=(*after.left, Left(note, ended.state, ended.language)))


def _counted(services: Services, decided: Decided[T]) -> Counted:
    given_up = of_abandoned(decided.abandoned) if decided.abandoned else None
    day = datetime.fromtimestamp(services.now(), UTC).date().isoformat()
    return Counted(day, (*decided.counted, given_up) if given_up else decided.counted)


def drop_work(session: Session, work_id: str) -> Session:
    """The work is finished: forget what it needed."""
    return replace(session, work=tuple(work for work in session.work if work.id != work_id))


def known_at_once(services: Services, turn: Turn) -> Outcome | None:
    """How the work comes out for the chat, as far as that has nothing to do with the record.

    A contact elsewhere is told the same words in the same reply, whoever has a record and however the registry is.
    """
    work, phone = turn.work, turn.session.phone
    if not work or work.is_for(phone):
        return None
    if not admit(services, work, phone).allowed:
        return Outcome(work.id, "over_limit")
    return Outcome(work.id, "sent_elsewhere", elsewhere=True)


def _refused(services: Services, turn: Turn, outcome: Outcome) -> tuple[Entry, ...]:
    """What the audit trail is to know of work that a limit ended at once; work that goes on is found there later."""
    if turn.work is None or outcome.elsewhere:
        return ()
    return refused(services.audit.key, turn.session.phone, turn.work, services.now())


def told_at_once(services: Services, turn: Turn, session: Session, outcome: Outcome) -> Turn:
    """The outcome's words in place of those that promise one; the work goes on where it is elsewhere."""
    told = advance_today(services, session, outcome)
    work = turn.work if outcome.elsewhere else None
    known = told.session.remember(Answered(outcome.id))
    replies = (*turn.replies[:-1], *told.replies)
    return replace(told, session=known, replies=replies, work=work, personal=turn.personal or told.personal)


def _start(services: Services, key: str, turn: Turn, started: set[str]) -> None:
    """Enqueue before the session that waits for it is saved: a crash in between leaves a job that finds nothing."""
    if turn.work and turn.work.id not in started:
        services.jobs.enqueue(key, turn.work.id)
        started.add(turn.work.id)
        reach("text_enqueued_before_save")


def _abandoned(before: Session, after: Session, over: bool) -> Session | None:
    """The conversation before this one, if it was over and no sweeper had come by yet."""
    goes_on = after.state and after.started == before.started
    return before if before.state and over and not goes_on else None


def _can_send_again(services: Services, session: Session, text: Text) -> bool:
    """Whether she asks for what was last sent, it may not have arrived, and it is still worth something."""
    keyword = services.flow.keyword_of.get(fold(text.body))
    if not (session.last_id and keyword and keyword.tell):
        return False
    delivery = services.deliveries.load(delivery_id(session.last_id, CHAT))
    if delivery is None or not may_be_asked_for(delivery, text.id, services.now()):
        return False
    if delivery.link:
        return _lives(services, delivery.link)
    return _may_be_seen(services, delivery.message.media_url or "")


def _lives(services: Services, token: str) -> bool:
    try:
        services.links.language(token)
    except LinkGone:
        return False
    return True


def _may_be_seen(services: Services, media_url: str) -> bool:
    card = services.media.read(*file_of(media_url))
    return card is not None and not services.cards.is_revoked(card.decode(errors="replace"))


def _send_again(services: Services, event_id: str, text_id: str) -> None:
    """Once for each text, however often its turn is decided."""
    change = services.deliveries.update(
        delivery_id(event_id, CHAT), lambda delivery: ask_again(delivery, text_id, services.now())
    )
    if change and change.made:
        count_message(services, picture=bool(change.after.message.media_url))
        if change.after.message.media_url:
            services.media.take_back(*file_of(change.after.message.media_url))
        log.info("asked_again", delivery=change.after.id, times=len(change.after.asked))


def _life(flow: Flow, session: Session) -> int:
    """How many seconds Redis keeps the session: short while it holds answers, a day for what was sent and said."""
    if session.work:
        return lifetime.longest_wait(flow) + GRACE
    return flow.limits.idle + GRACE if session.state else DAY
