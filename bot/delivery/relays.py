"""Several mail servers of ours: the next one gets a mail that the one before certainly did not take."""

import time
from collections.abc import Collection, Sequence

import structlog

from bot.delivery.smtp import SESSION, SmtpAddress, SmtpDelivery
from bot.delivery.watching import SOUND, watched
from bot.outbox.delivery import Message, Report, Route
from bot.ports import DeliveryUnavailable, Healths

log = structlog.get_logger()


class Relays:
    """In the order given, those that are not well last. All together take no longer than one may alone."""

    def __init__(self, relays: Sequence[SmtpDelivery], healths: Healths) -> None:
        self.relays = list(relays)
        self.healths = healths

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        return Route()

    def send(self, message: Message) -> Report:
        ends = time.monotonic() + SESSION
        *earlier, last = sorted(self.relays, key=lambda relay: self.healths.percent(relay_name(relay.address)) < SOUND)
        for number, relay in enumerate(earlier):
            seconds = (ends - time.monotonic()) / (len(self.relays) - number)
            try:
                return self._send(relay, message, seconds)
            except DeliveryUnavailable as error:
                log.warning("relay_passed_over", relay=relay_name(relay.address), code=str(error))
        return self._send(last, message, ends - time.monotonic())

    def find(self, message: Message, *, since: float, known: Collection[str]) -> None:
        """Nobody can know. A second mail has the same Message-ID, by whichever server it goes."""

    def status(self, message: Message, provider_id: str) -> None:
        """Nobody can know."""

    def _send(self, relay: SmtpDelivery, message: Message, seconds: float) -> Report:
        with watched(self.healths, relay_name(relay.address)):
            return relay.send(message, seconds)


def relay_name(address: SmtpAddress) -> str:
    """As its health is kept."""
    return f"{address.host}:{address.port}"
