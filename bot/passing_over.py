"""Texts that have no turn of their own: nobody looks for them later, and they need not stay at the carrier either."""

from bot.conversation.session import is_at_carrier
from bot.ports import Services
from bot.store.heard import REACH

PAUSE = 900.0  # seconds for which a text stays at Twilio after all: what was lost beside it is looked for meanwhile


def pass_over(services: Services, sid: str) -> None:
    """It got silence, or a fixed text that belongs to no conversation. Raises StoreUnavailable."""
    if not sid:
        return
    now = services.now()
    _erase(services, sid, since=now, at=now + PAUSE)  # before it is known: who is killed in between does both again
    services.heard.add(sid, now)


def erase_at_last(services: Services, sid: str) -> None:
    """A fault of ours kept it from its turn: it stays as long as it may still be found and answered."""
    over = services.now() + REACH
    _erase(services, sid, since=over, at=over)


def _erase(services: Services, sid: str, *, since: float, at: float) -> None:
    if "inbound" in services.erases and is_at_carrier(sid):
        services.erasures.add(f"inbound:{sid}", since=since, at=at)
