"""Text and picture messages by Twilio's REST API."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from urllib3.exceptions import NewConnectionError

from bot.delivery.twilio_client import build_client
from bot.delivery.twilio_status import report_of
from bot.outbox.delivery import Message, Report, Route
from bot.ports import DeliveryRefused, DeliveryUnavailable, DeliveryUncertain

CLOCKS = 5.0  # seconds by which Twilio's clock may be behind ours
LISTED = 200  # messages to one phone that are looked through; a conversation has some dozens
PAGE = 50
NOT_NOW = (401, 403, 404, 429)  # a token that was replaced, a suspended account, none there, too many at once
ACCOUNT = frozenset("20003 20005 20006 20008 20404 90010".split())  # the same, with whatever 4xx they come
FULL = "21611"  # the sender's own queue at Twilio
NOT_OURS = frozenset("21212 21606 21659 21660 21701 21703 21704 21705".split())  # a sender that this account lacks


class TwilioDelivery:
    """By one sender: a number, or a messaging service (`MG...`) that chooses among its own.

    `status_url` is where Twilio reports what became of a message; its id is put behind it.
    """

    def __init__(self, account_sid: str, auth_token: str, sender: str, status_url: str, api_url: str = "") -> None:
        self.client = build_client(account_sid, auth_token, api_url)
        self.sender = sender
        self._listed_by = {} if sender.startswith("MG") else {"from_": sender}  # a service's numbers are its own affair
        self._by = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self.status_url = status_url

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        return Route()

    def send(self, message: Message) -> Report:
        try:
            sent = self.client.messages.create(
                to=message.to,
                **self._by,
                body=message.body,
                status_callback=f"{self.status_url}/{message.delivery_id}",
                **({"media_url": [message.media_url]} if message.media_url else {}),
            )
        except (TwilioRestException, TwilioServiceException) as error:
            raise _translated(error) from None
        except requests.RequestException as error:
            raise (DeliveryUnavailable if _never_left(error) else DeliveryUncertain)(type(error).__name__) from None
        except (TwilioException, ValueError) as error:  # an answer that nobody can read
            raise DeliveryUncertain(type(error).__name__) from None
        return Report("accepted", str(sent.sid))

    def find(self, message: Message, *, since: float, known: Collection[str]) -> Report | None:
        """Look through Twilio's list, which has a message from when it is accepted.

        Not filtered by DateSent, which is empty while a message waits in Twilio's queue. The list's order is not
        relied on either.
        """
        with _asking():
            for listed in self.client.messages.stream(to=message.to, **self._listed_by, limit=LISTED, page_size=PAGE):
                created = listed.date_created
                late = created is None or created.timestamp() >= since - CLOCKS
                if late and listed.sid not in known and _is(message, listed):
                    return report_of(str(listed.status), str(listed.sid), listed.error_code)
        return None

    def status(self, message: Message, provider_id: str) -> Report | None:
        with _asking():
            listed = self.client.messages(provider_id).fetch()
            return report_of(str(listed.status), provider_id, listed.error_code)
        return None


@contextmanager
def _asking() -> Iterator[None]:
    """Whatever keeps Twilio from answering a question: it can be asked again."""
    try:
        yield
    except TwilioRestException as error:
        if error.status == 404:
            return  # removed at Twilio: nobody can know
        raise DeliveryUnavailable(str(error.code or error.status)) from None
    except (TwilioException, requests.RequestException, ValueError) as error:
        raise DeliveryUnavailable(type(error).__name__) from None


def _is(message: Message, listed: Any) -> bool:
    """The same words, sent by us through this API; a trial account puts its own words before ours."""
    return listed.direction == "outbound-api" and message.body.strip() in str(listed.body)


def _never_left(error: requests.RequestException) -> bool:
    """Whether there was no connection that could have carried the request."""
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


def _translated(error: Any) -> DeliveryUnavailable | DeliveryUncertain | DeliveryRefused:
    """After a 5xx nobody knows. 429 was never processed; 401, 403, 404 (a wrong account or region) and a sender that is
    not ours are for the operator to mend. Every other status is final. Twilio's own text may name the number and is
    dropped."""
    code = str(error.code or error.status)
    if error.status in NOT_NOW or code == FULL or code in NOT_OURS or (error.status < 500 and code in ACCOUNT):
        return DeliveryUnavailable(code, is_general=code != FULL)
    return DeliveryUncertain(code) if error.status >= 500 else DeliveryRefused(code)
