"""A resident's phone, our outbox and a fake Twilio between them, with a clock that is moved: no threads, no waiting."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.delivery.twilio_rest import TwilioDelivery
from bot.jobs import run
from bot.outbox.attending import attend
from bot.outbox.delivery import Delivery, Message, Report, Route, delivery_id
from bot.ports import Carrier, Services
from bot.transcripts.app import Clock, RecordedJobs
from fakes.twilio import FakeTwilio

if TYPE_CHECKING:
    from conftest import Phone

ANSWERS = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")


class Killed(BaseException):
    """The worker ends here, as by kill -9: nothing of ours runs any more."""


@dataclass
class Mortal:
    """A carrier whose worker is killed right before or after the next message is handed over."""

    carrier: Carrier
    dies: str = ""  # "before" or "after"

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        return self.carrier.route(message, booked=booked, tried=tried)

    def send(self, message: Message) -> Report:
        dies, self.dies = self.dies, ""
        if dies == "before":
            raise Killed
        report = self.carrier.send(message)
        if dies == "after":
            raise Killed
        return report

    def find(self, message: Message, *, since: float, known: Collection[str]) -> Report | None:
        return self.carrier.find(message, since=since, known=known)

    def status(self, message: Message, provider_id: str) -> Report | None:
        return self.carrier.status(message, provider_id)


@dataclass
class PostOffice:
    phone: "Phone"
    jobs: RecordedJobs
    clock: Clock
    twilio: FakeTwilio
    texts: TwilioDelivery

    @property
    def services(self) -> Services:
        assert self.jobs.services
        return self.jobs.services

    def use(self, carrier: Carrier) -> None:
        self.jobs.services = replace(self.services, carrier=carrier)

    def ask(self, *answers: str) -> None:
        """A conversation, and the work behind it; its messages wait in the outbox."""
        self.phone.text(*(answers or ANSWERS))
        self.work()

    def work(self) -> None:
        waiting, self.jobs.queued = self.jobs.queued, []
        for job in waiting:
            run(self.services, *job)

    def send(self, after: float = 0) -> None:
        """So many seconds later, attend once to all that is due then."""
        self.clock.wait(after)
        for delivery in self.services.deliveries.claim(self.clock(), 99):
            attend(self.services, delivery)

    def delivery(self) -> Delivery:
        """The newest message of this phone's chat."""
        session = self.services.sessions.load(self.services.sessions.key(self.phone.number)).session
        assert session
        found = self.services.deliveries.load(delivery_id(session.posted[-1], "chat"))
        assert found
        return found

    def call_back(self, status: str, code: int | None = None, message: int = -1) -> int:
        """Twilio reports on one of its messages; our answer's status."""
        sent = self.twilio.sent[message]
        form, headers = self.twilio.callback(sent, status, code)
        return self.phone.client.post(urlsplit(sent.status_callback).path, data=form, headers=headers).status_code

    def bodies(self, contact: str = "") -> list[str]:
        """What Twilio took for this phone."""
        return [message.body for message in self.twilio.to(contact or self.phone.number)]
