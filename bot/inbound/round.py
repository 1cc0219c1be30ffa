"""One round through the carrier's list: what never reached us is fed, in the order in which each phone sent it.

A round may be cut off anywhere, and two may run at once: every text has its turn together with the note that it had
it, so none has two. The lock and the minute only save work.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

import structlog

from bot.fault_points import reach
from bot.inbound.feeding import feed
from bot.log import place_of
from bot.ports import Listed, Services, StoreUnavailable, Swept
from bot.store.heard import REACH

log = structlog.get_logger()

EVERY = 60.0  # seconds between two rounds, whichever worker runs them
OLD_ENOUGH = 45.0  # seconds: webhook and fallback may take 15 each, retries included, and then somebody decides
OVERLAP = 600.0  # seconds that are looked at once more: the list may be late
PAGES = 500  # read in one round at most
MISSED = 10_000  # texts fed in one round at most; the others have their turn in the next


def sweep_inbox(services: Services, stopped: Callable[[], bool] = lambda: False) -> int:
    """If it is time: how many texts were fed. Raises InboxUnavailable or StoreUnavailable: nothing is lost by that."""
    if not services.inboxes:
        return 0
    with services.locks.hold("inbox") as ours:
        return _round(services, stopped) if ours else 0


def _round(services: Services, stopped: Callable[[], bool]) -> int:
    now, swept = services.now(), services.heard.swept()
    if swept is None:  # what was texted before our time is not ours to answer
        services.heard.note(Swept(now, now))
        return 0
    if now - swept.at < EVERY:
        return 0
    services.heard.note(Swept(swept.until, now))  # also a round that fails is one: the next is in a minute
    since = max(swept.until - OVERLAP, now - REACH)
    missed, newest_known, to_the_end = _read(services, since, now)
    reach("inbox_read_before_feeding")
    fed = 0
    for texts in _by_phone(missed):
        if stopped():
            return fed
        fed += _feed(services, texts, newest_known.get(texts[0].sender, 0.0))
        reach("inbox_fed_before_next")
    services.heard.note(Swept(now - OLD_ENOUGH if to_the_end else swept.until, now))
    if fed or not to_the_end:
        log.info("inbox_swept", fed=fed, to_the_end=to_the_end)
    return fed


def _read(services: Services, since: float, now: float) -> tuple[list[Listed], Mapping[str, float], bool]:
    """The texts that had no turn, when each phone sent its newest that had one, and whether these are all."""
    missed: dict[str, Listed] = {}
    newest_known: defaultdict[str, float] = defaultdict(float)
    for number, page in enumerate(_pages(services, since), 1):
        known = services.heard.known([text.sid for text in page], since, now)
        for text in page:
            if text.sid in known:
                newest_known[text.sender] = max(newest_known[text.sender], text.at)
            elif since <= text.at <= now - OLD_ENOUGH:
                missed[text.sid] = text  # Twilio may list one twice
        if number >= PAGES or len(missed) >= MISSED:
            log.warning("inbox_too_full", pages=number, missed=len(missed))
            return list(missed.values()), newest_known, False
    return list(missed.values()), newest_known, True


def _pages(services: Services, since: float) -> Iterator[list[Listed]]:
    """Of each of our numbers, the newest first, as far back as is asked for."""
    for inbox in services.inboxes:
        for page in inbox.pages():
            yield page
            if page and all(text.at < since for text in page):
                break


def _feed(services: Services, texts: list[Listed], newest_known: float) -> int:
    """A fault of ours with one phone keeps nobody else waiting; it is tried again as long as we look so far back."""
    try:
        return feed(services, texts, newest_known)
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - as at the webhook: whatever it is, the others get their answers
        log.error("feed_fault", sid=texts[0].sid, kind=type(error).__name__, place=place_of(error))
        return 0


def _by_phone(missed: Sequence[Listed]) -> Iterator[list[Listed]]:
    """Who waits longest comes first. Within a second the list has the newest first, so its order is turned round."""
    oldest_first = missed[::-1]
    in_order = sorted(oldest_first, key=lambda text: text.at)
    first = {text.sender: text.at for text in reversed(in_order)}
    by_phone = sorted(in_order, key=lambda text: (first[text.sender], text.sender))  # sorting keeps the order of equals
    for _, texts in groupby(by_phone, key=lambda text: text.sender):
        yield list(texts)
