"""What is counted of one turn. Pure; nothing in it is a resident's but the language that she chose."""

from dataclasses import replace

from bot.conversation.actions import ACTIONS
from bot.conversation.events import Outcome, Turn
from bot.conversation.session import Session
from bot.funnel.fields import Field

GOT = "+"  # among the states that were reached: she has got what she came for
BRINGS = {name for action in ACTIONS.values() for name in action.last}  # outcomes with which she has got it


def noted(
    before: Session, turn: Turn, outcome: Outcome | None = None, *, over: bool = False
) -> tuple[Session, tuple[Field, ...]]:
    """The session that remembers what was counted, so that each conversation counts once in each state.

    `over`: the conversation before was silent for too long, which is counted where it is noted.
    """
    after, found = turn.session, []
    if after.state and after.started != before.started and not outcome:
        found.append(_field("started", after))
    if after.state and after.state not in after.reached:
        found.append(_field("reached", after, after.state))
        after = replace(after, reached=(*after.reached, after.state))
    if turn.refused:
        found.append(_field("retried", before, before.state, turn.refused))
    if before.state and not (after.state or turn.ended or over or outcome) and (stopped := of_abandoned(before)):
        found.append(stopped)  # by STOP
    if turn.ended:
        found.append(_field("ended", before, turn.ended))
    if outcome and turn.replies:
        found.append(_field("outcome", before, "", outcome.name))
        if outcome.name in BRINGS and GOT not in before.reached:
            found.append(_field("finished", before))
            after = replace(after, reached=(*after.reached, GOT)) if after.state else after
    return after, tuple(found)


def of_abandoned(session: Session) -> Field | None:
    """Whoever has got what she came for did not give up when she said no more."""
    return None if GOT in session.reached else _field("abandoned", session, session.state)


def _field(kind: str, session: Session, state: str = "", code: str = "") -> Field:
    return Field(kind, session.flow, session.language, state, code)
