"""Sends to phones by one way and to mailboxes by another."""

from dataclasses import dataclass

from bot.ports import Delivery, Message


@dataclass(frozen=True, slots=True)
class ByContact:
    phones: Delivery
    mailboxes: Delivery

    def send(self, message: Message) -> str:
        way = self.mailboxes if "@" in message.to else self.phones
        return way.send(message)
