"""How long a conversation lives: where it begins, when it is over, and how it moves to changed steps."""

from dataclasses import replace

from bot.conversation.actions import LONGEST_WORK
from bot.conversation.events import Text
from bot.conversation.flow import Flow
from bot.conversation.folding import fold
from bot.conversation.session import Session, is_at_carrier


def fresh(flow: Flow, session: Session, now: float) -> Session:
    """A conversation at its first text."""
    blank = replace(session.forgotten(), language="")
    return replace(blank, flow=flow.structure, started=now, touched=now, turns=1)


def erased(session: Session, now: float) -> Session:
    """Everything forgotten but the MessageSids, and what is still to be logged."""
    seen = session.seen_impersonally()
    return Session(phone=session.phone, ours=session.ours, touched=now, seen=seen, left=session.left)


def is_over(flow: Flow, session: Session, now: float) -> bool:
    """Whether the next text begins a conversation: there is none, or she was silent for too long."""
    end = ends_at(flow, session)
    return end is None or now > end


def begins(flow: Flow, session: Session, text: Text, now: float) -> bool:
    """Whether this text begins a conversation, and does not only ask for what was sent before."""
    keyword = flow.keyword_of.get(fold(text.body))
    return is_over(flow, session, now) and not (session.last and keyword and keyword.tell)


def to_erase(before: Session, after: Session) -> list[str]:
    """The MessageSids of what need not stay at the carrier: its conversation or work is over, or it belongs to none."""
    over = bool(before.state) and (not after.state or after.started > before.touched)
    done = {work.id for work in before.work} - {work.id for work in after.work}
    if over or done:
        seen = (*before.seen, *after.seen)
    elif not after.state and not after.work:
        seen = tuple(one for one in after.seen if before.answer_to(one.id) is None)
    else:
        seen = ()
    return list(dict.fromkeys(one.id for one in seen if is_at_carrier(one.id) and ":" not in one.id))


def ends_at(flow: Flow, session: Session) -> float | None:
    """When this conversation is over if she stays silent; None if there is none."""
    if not session.state:
        return None
    if session.awaited:  # it is our turn, however long she is silent
        return session.awaited.asked_at + longest_wait(flow)
    return min(session.touched + flow.limits.idle, session.started + flow.limits.total)


def longest_wait(flow: Flow) -> int:
    """Seconds for which a conversation waits for its work."""
    return max(flow.limits.total, LONGEST_WORK)


def moved(flow: Flow, session: Session) -> Session | None:
    """The session on this structure, if its place exists here."""
    if session.flow == flow.structure and session.state in flow.states:
        return session
    name = flow.renamed.get(session.state, session.state)
    if name not in flow.states or flow.states[name].kind == "end":
        return None
    path = tuple(p for p in (flow.renamed.get(p, p) for p in session.path) if p in flow.states)
    work = tuple(replace(work, state=flow.renamed.get(work.state, work.state)) for work in session.work)
    menu = session.menu if set(session.menu) == set(flow.states[name].options) else flow.states[name].options
    return replace(session, flow=flow.structure, state=name, path=path, menu=menu, work=work)
