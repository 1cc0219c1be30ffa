"""Sends to phones by one way and to mailboxes by another."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.outbox.delivery import Message, Report, Route
from bot.ports import Carrier


@dataclass(frozen=True, slots=True)
class ByContact:
    phones: Carrier
    mailboxes: Carrier

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        return self._way(message).route(message, booked=booked, tried=tried)

    def send(self, message: Message) -> Report:
        return self._way(message).send(message)

    def find(self, message: Message, *, since: float, known: Collection[str]) -> Report | None:
        return self._way(message).find(message, since=since, known=known)

    def status(self, message: Message, provider_id: str) -> Report | None:
        return self._way(message).status(message, provider_id)

    def _way(self, message: Message) -> Carrier:
        return self.mailboxes if "@" in message.to else self.phones
