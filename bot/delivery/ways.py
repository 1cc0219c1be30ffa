"""Several numbers of ours, at one or several providers: which of them a message goes by, and who is asked about it."""

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from bot.conversation.gsm7 import segments
from bot.delivery.watching import SOUND, watched
from bot.outbox.delivery import Message, Report, Route
from bot.ports import Carrier, Healths, Pace, Timetable

LOYAL = 60.0  # seconds that a message waits for the number that she texted, before it goes by a strange one
ANY = 2.0  # seconds that a message waits for the number that was drawn, before it goes by whichever is free


@dataclass(frozen=True, slots=True)
class Way:
    """One sender, and the account that it belongs to."""

    sender: str  # a number, a short code or a messaging service
    provider: str  # the account
    weight: float  # its part of what may go by any; 0: nothing new goes by it
    rate: float  # segments a second
    carrier: Carrier

    @property
    def pace(self) -> Pace:
        return Pace(self.sender, self.rate)


class Ways:
    """A Carrier over one or more ways. The first is that of messages of which nobody knows the way."""

    def __init__(
        self,
        ways: Sequence[Way],
        healths: Healths,
        timetable: Timetable,
        *,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.ways = {way.sender: way for way in ways}
        self.first = ways[0]
        self.healths, self.timetable, self.draw = healths, timetable, draw

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        if (way := self.ways.get(booked)) and self._can_send(way):
            return Route(booked)
        open_ways = self._open(tried)
        hers = next((way for way in open_ways if way.sender == message.ours), None)
        if hers and self.draw() * 100 >= self._percent(hers):
            open_ways = _elsewhere(open_ways, hers) or open_ways
            hers = None
        first = hers or self._any_of(open_ways)
        others = [way.pace for way in open_ways if way is not first and self._percent(way) >= SOUND]
        return self.timetable.book(
            first.pace, others, segments=_cost(_introduced(message, first)), patience=LOYAL if hers else ANY
        )

    def send(self, message: Message) -> Report:
        way = self.ways.get(message.sender, self.first)
        with watched(self.healths, way.provider):
            return way.carrier.send(_introduced(message, way))

    def find(self, message: Message, *, since: float, known: Collection[str]) -> Report | None:
        """Only the one that was given it last is asked: the others were asked before it went to them."""
        way = self.ways.get(message.sender, self.first)
        return way.carrier.find(_introduced(message, way), since=since, known=known)

    def status(self, message: Message, provider_id: str) -> Report | None:
        """The provider that has it, or else the others: what one took late may have gone to another meanwhile."""
        way = self.ways.get(message.sender, self.first)
        one_each = {other.provider: other for other in (*self.ways.values(), way)}
        for other in sorted(one_each.values(), key=lambda other: other is not way):
            if report := other.carrier.status(message, provider_id):
                return report
        return None

    def _open(self, tried: str) -> list[Way]:
        """Those that may be used; not the provider that did not take this very message, where there is another."""
        ways = [way for way in self.ways.values() if way.weight]
        shunned = self.ways.get(tried)
        return (_elsewhere(ways, shunned) or [way for way in ways if way is not shunned] or ways) if shunned else ways

    def _any_of(self, ways: Sequence[Way]) -> Way:
        """Drawn by weight, and by how well each is. An account's weight is shared by its senders."""
        senders = [way.provider for way in self.ways.values() if way.weight]
        shares = [way.weight / senders.count(way.provider) * self._percent(way) for way in ways]
        aim = self.draw() * sum(shares)
        for way, share in zip(ways, shares, strict=True):
            aim -= share
            if aim < 0:
                return way
        return ways[-1]

    def _can_send(self, way: Way) -> bool:
        """Whether it still is a good way for what waited for it."""
        others = _elsewhere([other for other in self.ways.values() if other.weight], way)
        return bool(way.weight) and (self._percent(way) >= SOUND or not others)

    def _percent(self, way: Way) -> int:
        return self.healths.percent(way.provider)


def _elsewhere(ways: Sequence[Way], than: Way) -> list[Way]:
    return [way for way in ways if way.provider != than.provider]


def _introduced(message: Message, way: Way) -> Message:
    """A reply from a number that she does not know says first who we are."""
    if not message.who or way.sender == message.ours:
        return message
    return replace(message, body=f"{message.who}: {message.body}")


def _cost(message: Message) -> int:
    return 1 if message.media_url else max(1, segments(message.body))
