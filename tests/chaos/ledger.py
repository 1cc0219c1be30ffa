"""The reckoning: what was asked for, what each contact got, what each page shows, and the four figures."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

import requests
from running import PIN

from chaos.talking import Talk
from chaos.world import World

KINDS = {
    "We found no": "none",
    "The vaccine registry does not answer": "delay",
    "We could not": "fault",
}
LINK = re.compile(r"https?://\S+/r/[a-z2-7]{26}")
STEP, SECOND = 5.0, 1.0  # our clock goes five times as fast while messages are awaited: an attempt fits into its lease
LOOK = 60.0  # seconds for each round in which only news of what was accepted is awaited


@dataclass(frozen=True)
class Figures:
    """What may be asserted. All lists of what went wrong are to be empty."""

    asked: int
    links: int
    lost: list[tuple[str, str]]
    stuck: list[str]
    wrong: list[tuple[str, str]]
    twice: list[tuple[str, str]]

    def __str__(self) -> str:
        return (
            f"{self.asked} conversations, {self.links} links opened: {len(self.lost)} lost, {len(self.stuck)} stuck, "
            f"{len(self.wrong)} to a wrong contact, {len(self.twice)} twice"
        )


def settle(world: World, talk: Talk, seconds: float = 90.0) -> Figures:
    """Let all end that was begun, with a clock that goes faster, and reckon.

    First all must have got what they asked for, then nothing may be left: each within `seconds`.
    """
    end = monotonic() + seconds
    while monotonic() < end and _lost(world, talk):
        if not _soon(world, lambda: not _lost(world, talk)):
            world.clock.move(STEP)
    end = monotonic() + seconds
    while monotonic() < end and not world.is_idle():
        world.clock.move(LOOK)
        _soon(world, world.is_idle)
    return reckon(world, talk)


def reckon(world: World, talk: Talk) -> Figures:
    must, got = _must(talk), _got(world)
    whose = {contact: one for one in talk.had for contact, _ in one.must_get}
    known = {one.phone for one in talk.had}
    opened = list(_opened(world))
    wrong = [key for key in got if key not in must and not (key[1] == "delay" and key[0] in known)]
    wrong += [(contact, "page") for contact, page in opened if contact in whose and whose[contact].lot not in page]
    stuck = [one.phone for one in talk.stuck] + world.left()
    return Figures(
        asked=len(talk.had),
        links=sum(contact in whose and whose[contact].lot in page for contact, page in opened),
        lost=_lost(world, talk),
        stuck=stuck,
        wrong=wrong,
        twice=sorted(Counter({key: got[key] - must[key] for key in must if got[key] > must[key]}).elements()),
    )


def _must(talk: Talk) -> Counter[tuple[str, str]]:
    return sum((one.must_get for one in talk.had), Counter())


def _got(world: World) -> Counter[tuple[str, str]]:
    """Every message, by contact and kind. One mail that came twice has one Message-ID, and counts twice."""
    texts = [(message.to, _kind(message.body)) for message in list(world.twilio.sent)]
    return Counter([*texts, *((mail.recipients[0], _kind(mail.text)) for mail in list(world.smtp.mails))])


def _lost(world: World, talk: Talk) -> list[tuple[str, str]]:
    return sorted((_must(talk) - _got(world)).elements())


def _kind(body: str) -> str:
    if LINK.search(body):
        return "link"
    return next((kind for words, kind in KINDS.items() if body.startswith(words)), "another")


def _opened(world: World) -> Iterator[tuple[str, str]]:
    """Each link by the PIN: who got it, and the page."""
    texts = [(message.to, message.body) for message in world.twilio.sent]
    for contact, body in (*texts, *((mail.recipients[0], mail.text) for mail in world.smtp.mails)):
        if found := LINK.search(body):
            yield contact, requests.post(found[0], {"pin": PIN}, timeout=20).text


def _soon(world: World, condition: Callable[[], bool]) -> bool:
    """Whether it holds within SECOND."""
    end = monotonic() + SECOND
    while monotonic() < end:
        if condition():
            return True
        world.over.wait(0.05)
    return False
