"""What is configured at Twilio, as far as its API tells, and how it is changed. Errors in words."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

TOLL_FREE = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")
WORDS = {
    401: "Twilio does not let us in: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN. Was the token replaced?",
    403: "Twilio lets us in, but this account may not do that: is it suspended, or is the token of another account?",
    404: "Twilio does not know it: check TWILIO_ACCOUNT_SID.",
    429: "Twilio says that we ask too much. Try again in a minute.",
}


class TwilioSaysNo(Exception):
    """What the operator can do is said in its text."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where Twilio turns with a text to a number: what a number or a messaging service says."""

    kind: str  # "number" or "service"
    sid: str
    name: str
    url: str
    method: str
    fallback_url: str
    fallback_method: str
    application: str = ""  # of a number: goes before all these


@dataclass(frozen=True, slots=True)
class Service:
    """The messaging service that a number is in."""

    hooks: Hooks
    defers: bool  # the number's own hooks count
    numbers: int
    converts: bool  # pictures that cannot be delivered become links to Twilio
    campaign: str  # how far its A2P 10DLC campaign is, "" for none


@dataclass(frozen=True, slots=True)
class Number:
    hooks: Hooks
    sms: bool
    mms: bool
    service: Service | None
    toll_free: str | None  # how far its verification is, "" for none; None: it is no toll-free number


@dataclass(frozen=True, slots=True)
class Account:
    status: str
    kind: str  # "Trial" or "Full"
    clock: float | None  # seconds by which our clock is ahead of Twilio's
    number: Number | None  # None: the account has no such number


def read_account(client: Client, number: str) -> Account:
    """Raises TwilioSaysNo."""
    with in_words():
        account = client.api.accounts(client.username).fetch()
        clock = _clock(client.http_client.date)
        found = client.incoming_phone_numbers.list(phone_number=number, limit=1)
        return Account(str(account.status), str(account.type), clock, _number(client, found[0]) if found else None)


def change(client: Client, hooks: Hooks, fields: Mapping[str, str]) -> None:
    """Raises TwilioSaysNo."""
    with in_words():
        if hooks.kind == "number":
            client.incoming_phone_numbers(hooks.sid).update(**fields)
        else:
            client.messaging.v1.services(hooks.sid).update(**fields)


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except TwilioException as error:
        raise TwilioSaysNo(_sentence(error)) from None
    except requests.RequestException as error:
        raise TwilioSaysNo(f"Twilio cannot be reached from here ({type(error).__name__}).") from None
    except (KeyError, TypeError, ValueError):
        raise TwilioSaysNo("What answers is not Twilio: is TWILIO_API_URL right?") from None


def _sentence(error: TwilioException) -> str:
    """Of one resource the SDK tells the status; of a list its second argument is the answer."""
    answer = error.args[1] if len(error.args) > 1 else None
    status = int(getattr(error, "status", 0) or getattr(answer, "status_code", 0))
    return WORDS.get(status, f"Twilio answers with an error (HTTP {status}). Try again, and see status.twilio.com.")


def _number(client: Client, found: Any) -> Number:
    hooks = Hooks(
        kind="number",
        sid=found.sid,
        name=f"the number {found.phone_number}",
        url=found.sms_url or "",
        method=found.sms_method or "",
        fallback_url=found.sms_fallback_url or "",
        fallback_method=found.sms_fallback_method or "",
        application=found.sms_application_sid or "",
    )
    able = found.capabilities or {}
    toll_free = _verification(client, found.sid) if found.phone_number.startswith(TOLL_FREE) else None
    return Number(hooks, bool(able.get("sms")), bool(able.get("mms")), _service(client, found.sid), toll_free)


def _service(client: Client, number_sid: str) -> Service | None:
    """A number is in one service at most."""
    for service in client.messaging.v1.services.list():
        numbers = client.messaging.v1.services(service.sid).phone_numbers.list()
        if number_sid in {number.sid for number in numbers}:
            campaigns = client.messaging.v1.services(service.sid).us_app_to_person.list(limit=1)
            return Service(
                Hooks(
                    kind="service",
                    sid=service.sid,
                    name=f"the messaging service '{service.friendly_name}'",
                    url=service.inbound_request_url or "",
                    method=service.inbound_method or "",
                    fallback_url=service.fallback_url or "",
                    fallback_method=service.fallback_method or "",
                ),
                defers=bool(service.use_inbound_webhook_on_number),
                numbers=len(numbers),
                converts=bool(service.mms_converter),
                campaign=str(campaigns[0].campaign_status) if campaigns else "",
            )
    return None


def _verification(client: Client, number_sid: str) -> str:
    found = client.messaging.v1.tollfree_verifications.list(tollfree_phone_number_sid=number_sid, limit=1)
    return str(found[0].status) if found else ""


def _clock(date: str) -> float | None:
    return time.time() - parsedate_to_datetime(date).timestamp() if date else None
