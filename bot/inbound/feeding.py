"""The texts of one phone that never reached us: each has its turn now, unless time or the phone itself went on.

An answer to a question that was asked since, or that somebody has given again meanwhile, would only do harm. Words
that stop us count however late they come; START does not, for she may have said STOP since.
"""

from collections.abc import Sequence

import structlog

from bot.conversation.events import Text
from bot.conversation.session import Answered, Session, is_at_carrier
from bot.conversation.stopping import stops, wants_silence
from bot.conversation.wording import outside
from bot.limiting import admit_text
from bot.ports import Listed, Services
from bot.turn import Decided, send_answer, take_turn, update

log = structlog.get_logger()

MOST = 12  # answers to one phone at once: more than 15 in a row would fail at Twilio
CLOCKS = 5.0  # seconds by which Twilio's clock may be behind ours; it leaves out parts of a second


def feed(services: Services, texts: Sequence[Listed], newest_known: float) -> int:
    """How many had their turn. `texts` in the order of sending; `newest_known`: when the phone sent a text that was
    heard. Raises StoreUnavailable."""
    key, phone = services.sessions.key(texts[0].sender), texts[0].sender
    since = max(newest_known, _asked_since(services, key, phone))
    silenced, late, fresh = _sorted(services, texts, since)
    for text in sorted((*silenced, *fresh), key=texts.index):
        event = Text.received(text.body, text.sid, to=text.to)
        answered = take_turn(services, key, event, phone, by_message=True)
        log.info("text_fed", sid=text.sid, seconds=round(services.now() - text.at), silent=not answered.text)
    rest = [text for text in texts if text not in silenced and text not in fresh]
    last_word = max(map(texts.index, silenced), default=-1)
    _note(services, key, rest, apologize=bool(late) and not fresh and last_word < texts.index(late[-1]))
    return len(texts)


def _sorted(
    services: Services, texts: Sequence[Listed], since: float
) -> tuple[list[Listed], list[Listed], list[Listed]]:
    """Words that are not to be answered, texts that are too old to be answered, and those that are."""
    silenced = [text for text in texts if _counts_in_silence(services, text, since)]
    current = [text for text in texts if text.at >= since and text not in silenced]
    edge = services.now() - services.answer_within
    fresh = [text for text in current if text.at >= edge]
    return silenced, [text for text in current if text.at < edge], fresh[-MOST:]


def _counts_in_silence(services: Services, text: Listed, since: float) -> bool:
    said = Text(text.body)
    return stops(services.flow, said) or (wants_silence(services.flow, said) and text.at >= since)


def _asked_since(services: Services, key: str, phone: str) -> float:
    """When work last brought its answer, if nothing was texted since: what was sent before cannot mean that answer."""
    session = services.sessions.load(key, phone).session
    if session is None or not session.state or not session.seen or is_at_carrier(session.seen[-1].id):
        return 0.0
    return session.touched - CLOCKS


def _note(services: Services, key: str, texts: Sequence[Listed], *, apologize: bool) -> None:
    """They had their turn, and get no answer; all in one save, with one apology or none."""
    if not texts:
        return
    phone = texts[0].sender
    apologize = apologize and not admit_text(services, phone, texts[-1].sid).refused

    def decide(session: Session) -> Decided[bool]:
        new = [text.sid for text in texts if not session.answer_to(text.sid)]
        if not new:
            return Decided(session, False)
        for sid in new:
            session = session.remember(Answered(sid))
        words = outside(services.flow, session, "too_late") if apologize else ""
        session, post = send_answer(services, key, session, new[-1], words)
        return Decided(session, bool(post), post=post, heard=tuple(new))

    said = update(services, key, decide, phone)
    log.info("texts_passed_over", sids=[text.sid for text in texts], apology=said)
