"""What is saved with each step of a message: the audit trail hears of one that brings a record, and in the end its
words, and those that say an answer back, are to be erased at Twilio."""

from collections.abc import Callable, Iterator

from bot.audit.noting import of_delivery
from bot.conversation.session import is_at_carrier
from bot.ports import Besides, Change, Services

ENDS = ("delivered", "failed", "expired")
PAUSE = 60.0  # seconds after its end: Twilio may still work with it


def besides(services: Services) -> Callable[[Change], Besides]:
    def of(change: Change) -> Besides:
        key, now = services.audit.key, services.now()
        entries = of_delivery(key, change.before, change.after, now)
        return Besides(
            audited=tuple(map(services.audit.sealed, entries)),
            erase=tuple(_to_erase(services.erases, change)),
            erase_at=now + PAUSE,
            now=now,
        )

    return of


def _to_erase(erases: frozenset[str], change: Change) -> Iterator[str]:
    """All attempts that Twilio accepted, also those before."""
    before, after = change.before, change.after
    tells = before.carries or before.personal
    if not tells or before.state == after.state or after.state not in ENDS or "@" in before.message.to:
        return
    kind = "outbound" if "outbound" in erases else "media" if "media" in erases and before.message.media_url else ""
    if kind:
        yield from (f"{kind}:{sid}" for sid in after.provider_ids if is_at_carrier(sid))
