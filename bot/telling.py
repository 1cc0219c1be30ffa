"""What the worker tells a chat: the turn and its message are saved together, so that neither is without the other."""

from collections.abc import Callable
from dataclasses import replace

from bot.audit.entry import Entry
from bot.conversation.events import Late, Outcome
from bot.conversation.session import Answered, Session
from bot.funnel.noting import noted
from bot.outbox.delivery import Delivery, new_delivery
from bot.ports import Services
from bot.turn import CHAT, Decided, advance_today, to_her, update

Enclose = Callable[[Delivery], Delivery]


def tell(
    services: Services,
    key: str,
    event: Late,
    enclose: Enclose = lambda plain: plain,
    phone: str = "",
    audited: tuple[Entry, ...] = (),
) -> bool:
    """Tell it, once; the same event again says nothing. Whether something was said. Raises StoreUnavailable.

    `enclose` adds to the message what its sender knows of it; `phone` is needed where the session may be gone;
    `audited` goes to the audit trail if it is told.
    """

    def decide(session: Session) -> Decided[bool]:
        if session.answer_to(event.id):
            return Decided(session, False)
        turn = advance_today(services, session, event)
        counted_in, counted = noted(session, turn, event if isinstance(event, Outcome) else None)
        if not turn.replies:
            known = turn.session.remember(Answered(event.id)) if turn.session != session else session
            return Decided(known, False)
        body = "\n".join(turn.replies)
        message = replace(to_her(services, session), body=body, media_url=turn.media_url or None)
        plain = new_delivery(event.id, CHAT, message, services.now())
        delivery = enclose(replace(plain, personal=turn.personal))
        after = counted_in.remember(Answered(event.id)).post(event.id)
        return Decided(after, True, post=(delivery,), counted=counted, audited=audited)

    return update(services, key, decide, phone)
