"""What waits in Redis for the audit trail is written there, once.

It is forgotten in Redis only after the database has it, and the database knows each entry by its id: so a crash
anywhere loses nothing and writes nothing twice.
"""

from collections.abc import Callable

import structlog

from bot.ports import Services, TrailUnavailable

log = structlog.get_logger()


def drain(services: Services, stopped: Callable[[], bool] = lambda: False) -> int:
    """How many rows are new. Raises StoreUnavailable."""
    with services.locks.hold("audit") as ours:
        try:
            return _drain(services, stopped) if ours else 0
        except TrailUnavailable as error:
            backlog = services.audit.backlog()
            log.warning("audit_delayed", reason=str(error), waiting=backlog.entries, seconds=round(backlog.oldest))
            return 0


def purge(services: Services) -> int:
    """Remove what is older than six years. Safe to run twice."""
    try:
        removed = services.trail.purge(services.now())
    except TrailUnavailable as error:
        log.warning("audit_not_purged", reason=str(error))
        return 0
    if removed:
        log.info("audit_purged", rows=removed)
    return removed


def _drain(services: Services, stopped: Callable[[], bool]) -> int:
    new = 0
    for page in services.audit.pages():
        if page:
            new += services.trail.write([entry for _, entry in page])
            services.audit.done([name for name, _ in page])
        if stopped():
            break
    if new:
        log.info("audit_written", rows=new)
    return new
