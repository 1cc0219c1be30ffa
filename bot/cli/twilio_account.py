"""What is configured at one account of Twilio, as far as its API tells, and how it is changed."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from twilio.base.exceptions import TwilioException

from bot.cli.twilio_refusals import OF_FILE, Names, in_words, status_of
from bot.delivery.accounts import TOLL_FREE, Account
from bot.delivery.twilio_client import build_client

UNTOLD = "the API does not tell"


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where Twilio turns with a text to a number: what a number or a messaging service says."""

    kind: str  # "number", "short code" or "service"
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
    """A number or short code of ours."""

    hooks: Hooks
    sms: bool | None  # None: the API does not tell
    mms: bool | None
    service: Service | None
    toll_free: str | None  # how far its verification is, "" for none; None: it is no toll-free number
    in_services: bool = True  # the API tells of messaging services


@dataclass(frozen=True, slots=True)
class Standing:
    status: str
    kind: str  # "Trial" or "Full"
    clock: float | None  # seconds by which our clock is ahead of Twilio's


@dataclass
class Console:
    """One account. What was read once is not asked for again. All its methods raise TwilioSaysNo."""

    account: Account
    names: Names = OF_FILE
    _members: dict[str, Sequence[tuple[str, str]]] = field(default_factory=dict)  # sid and number, by service

    def __post_init__(self) -> None:
        self.client = build_client(self.account.sid, self.account.tokens[0], self.account.api_url)

    def standing(self) -> Standing:
        with in_words(self.names):
            account = self.client.api.accounts(self.client.username).fetch()
            return Standing(str(account.status), str(account.type), _clock(self.client.http_client.date))

    def number(self, sender: str) -> Number | None:
        """None: the account has no such number."""
        with in_words(self.names):
            if sender.startswith("+"):
                found = self.client.incoming_phone_numbers.list(phone_number=sender, limit=1)
            else:
                found = self.client.short_codes.list(short_code=sender, limit=1)
            return self._number(sender, found[0]) if found else None

    def numbers_of(self, service_sid: str) -> Sequence[str] | None:
        """All numbers of a messaging service; None: the account has no such service."""
        with in_words(self.names):
            known = service_sid in {service.sid for service in self._services or ()}
            return [number for _, number in self._members_of(service_sid)] if known else None

    def change(self, hooks: Hooks, fields: Mapping[str, str]) -> None:
        with in_words(self.names):
            if hooks.kind == "number":
                self.client.incoming_phone_numbers(hooks.sid).update(**fields)
            elif hooks.kind == "short code":
                self.client.short_codes(hooks.sid).update(**fields)
            else:
                self.client.messaging.v1.services(hooks.sid).update(**fields)

    def _number(self, sender: str, found: Any) -> Number:
        long = sender.startswith("+")
        hooks = Hooks(
            kind="number" if long else "short code",
            sid=found.sid,
            name=f"the {'number' if long else 'short code'} {sender}",
            url=found.sms_url or "",
            method=found.sms_method or "",
            fallback_url=found.sms_fallback_url or "",
            fallback_method=found.sms_fallback_method or "",
            application=(found.sms_application_sid or "") if long else "",
        )
        able = (found.capabilities or {}) if long else {}
        sms, mms = (bool(able.get(name)) if long else None for name in ("sms", "mms"))
        toll_free = self._verification(found.sid) if TOLL_FREE.fullmatch(sender) else None
        return Number(hooks, sms, mms, self._service_of(found.sid), toll_free, self._services is not None)

    @cached_property
    def _services(self) -> Sequence[Any] | None:
        """None: this API does not tell, as where it is not Twilio's own address."""
        try:
            return list(self.client.messaging.v1.services.list())
        except TwilioException as error:
            if status_of(error) != 404:
                raise
            return None

    def _service_of(self, number_sid: str) -> Service | None:
        """A number is in one service at most."""
        for service in self._services or ():
            members = self._members_of(service.sid)
            if number_sid in {sid for sid, _ in members}:
                campaigns = self.client.messaging.v1.services(service.sid).us_app_to_person.list(limit=1)
                return _service(service, len(members), str(campaigns[0].campaign_status) if campaigns else "")
        return None

    def _members_of(self, service_sid: str) -> Sequence[tuple[str, str]]:
        if service_sid not in self._members:
            service = self.client.messaging.v1.services(service_sid)
            numbers = [(number.sid, number.phone_number) for number in service.phone_numbers.list()]
            self._members[service_sid] = numbers + [(code.sid, code.short_code) for code in service.short_codes.list()]
        return self._members[service_sid]

    def _verification(self, number_sid: str) -> str:
        try:
            found = self.client.messaging.v1.tollfree_verifications.list(tollfree_phone_number_sid=number_sid, limit=1)
        except TwilioException as error:
            if status_of(error) != 404:
                raise
            return UNTOLD
        return str(found[0].status) if found else ""


def _service(found: Any, numbers: int, campaign: str) -> Service:
    hooks = Hooks(
        kind="service",
        sid=found.sid,
        name=f"the messaging service '{found.friendly_name}'",
        url=found.inbound_request_url or "",
        method=found.inbound_method or "",
        fallback_url=found.fallback_url or "",
        fallback_method=found.fallback_method or "",
    )
    return Service(hooks, bool(found.use_inbound_webhook_on_number), numbers, bool(found.mms_converter), campaign)


def _clock(date: str) -> float | None:
    return time.time() - parsedate_to_datetime(date).timestamp() if date else None
