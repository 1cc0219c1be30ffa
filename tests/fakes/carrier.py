"""A carrier that keeps what it was given, failing first as told."""

from collections.abc import Collection
from dataclasses import dataclass, field

from bot.outbox.delivery import Message, Report, Route


@dataclass
class Carrier:
    """Every message that it takes has arrived at once, unless `state` says otherwise."""

    failures: list[BaseException] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    state: str = "delivered"
    refuses: dict[str, Exception] = field(default_factory=dict)  # by contact
    found: Report | None = None  # what it says when it is asked
    questions: list[str] = field(default_factory=list)

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        return Route()

    def send(self, message: Message) -> Report:
        if message.to in self.refuses:
            raise self.refuses[message.to]
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)
        return Report(self.state, f"SM{len(self.sent)}")

    def find(self, message: Message, *, since: float, known: Collection[str]) -> Report | None:
        self.questions.append("find")
        return self.found

    def status(self, message: Message, provider_id: str) -> Report | None:
        self.questions.append("status")
        return self.found

    def to(self, contact: str) -> list[str]:
        """The texts that this contact got."""
        return [message.body for message in self.sent if message.to == contact]

    def began(self) -> list[str]:
        """How each message begins, in the order in which they were taken."""
        return [message.body.split(".")[0] + "." for message in self.sent]
