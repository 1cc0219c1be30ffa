"""Accounts at Twilio, or at one that speaks its REST API, and the numbers of ours that each has: the settings."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.addresses import spelled

SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{5,6}|MG[0-9a-f]{32}")
TOLL_FREE = re.compile(r"\+18(00|88|77|66|55|44|33|22)\d{7}")
LONG_CODE_RATE, TOLL_FREE_RATE, SHORT_CODE_RATE = 1.0, 3.0, 100.0  # segments a second, as carriers in the US take them
WEIGHT = 100


@dataclass(frozen=True, slots=True)
class Account:
    """One account, and the senders by which messages go, the preferred one first."""

    sid: str
    tokens: tuple[str, ...] = field(repr=False)  # the first signs and sends, all are accepted
    senders: tuple[str, ...]
    api_url: str = ""
    weight: float = WEIGHT
    rates: dict[str, float] = field(default_factory=dict)  # segments a second, where they are not the usual ones

    def rate(self, sender: str) -> float:
        return self.rates.get(sender) or usual_rate(sender)


def usual_rate(sender: str) -> float:
    if sender.isdigit():
        return SHORT_CODE_RATE
    return TOLL_FREE_RATE if TOLL_FREE.fullmatch(sender) else LONG_CODE_RATE


class _Entry(BaseModel):
    """`[[account]]` as an operator writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    account_sid: str
    auth_token: str = Field(default="", repr=False)
    api_url: str = ""
    weight: float = Field(default=WEIGHT, ge=0, le=1000)
    senders: tuple[str, ...] = ()
    rates: dict[str, float] = {}

    @field_validator("account_sid")
    @classmethod
    def _sid(cls, value: str) -> str:
        if not re.fullmatch(r"AC[0-9a-f]{32}", value):
            raise ValueError("write the account's SID: AC and 32 hexadecimal digits")
        return value

    @field_validator("senders")
    @classmethod
    def _all_senders(cls, senders: tuple[str, ...]) -> tuple[str, ...]:
        if not all(SENDER.fullmatch(sender) for sender in senders):
            raise ValueError("write numbers such as +15551234567, short codes, or messaging services (MG...)")
        return senders

    @field_validator("rates")
    @classmethod
    def _all_rates(cls, rates: dict[str, float]) -> dict[str, float]:
        if not all(rate > 0 for rate in rates.values()):
            raise ValueError("write segments a second, more than 0")
        return rates

    @field_validator("api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        address = spelled(value)
        parts = urlsplit(address)
        if address and not (parts.scheme in ("http", "https") and parts.netloc):
            raise ValueError("write an address such as https://api.dublin.ie1.twilio.com")
        return address.rstrip("/")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    account: tuple[_Entry, ...] = ()


def accounts_with(first: Account, path: Path) -> tuple[Account, ...]:
    """The account of the settings and those in the file, which may also say more of the first.

    Raises ValueError: a sentence for each thing that is wrong.
    """
    entries = _read(path)
    own = next((entry for entry in entries if entry.account_sid == first.sid), None)
    others = [entry for entry in entries if entry is not own]
    accounts = (_extended(first, own) if own else first, *map(_account, others))
    if wrong := list(_wrong(accounts, entries)):
        raise ValueError("\n".join(wrong))
    return accounts


def _read(path: Path) -> Sequence[_Entry]:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).account
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from None
    except ValidationError as error:
        raise ValueError("\n".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> Iterator[str]:
    for detail in error.errors():
        place = " ".join(str(part + 1) if isinstance(part, int) else str(part) for part in detail["loc"])
        unknown = "is not known here" if detail["type"] == "extra_forbidden" else detail["msg"]
        yield f"{place}: {detail.get('ctx', {}).get('error', unknown)}"


def _extended(first: Account, entry: _Entry) -> Account:
    """TWILIO_FROM stays its first sender."""
    senders = tuple(dict.fromkeys((*first.senders, *entry.senders)))
    return Account(first.sid, first.tokens, senders, first.api_url, entry.weight, {**first.rates, **entry.rates})


def _account(entry: _Entry) -> Account:
    tokens = tuple(token.strip() for token in entry.auth_token.split(",") if token.strip())
    return Account(entry.account_sid, tokens, entry.senders, entry.api_url, entry.weight, entry.rates)


def _wrong(accounts: Sequence[Account], entries: Sequence[_Entry]) -> Iterator[str]:
    sids, senders = [entry.account_sid for entry in entries], [s for account in accounts for s in account.senders]
    for sid in sorted({sid for sid in sids if sids.count(sid) > 1}):
        yield f"account {sid}: is there twice; write all its senders into one [[account]]"
    for sender in sorted({sender for sender in senders if senders.count(sender) > 1}):
        yield f"sender {sender}: is there twice; a number belongs to one account"
    for account in accounts[1:]:
        if not account.tokens:
            yield f"account {account.sid}: auth_token is missing"
        if not account.senders:
            yield f"account {account.sid}: senders are missing"
    for account in accounts:
        for sender in account.rates.keys() - set(account.senders):
            yield f"account {account.sid}: there is a rate for {sender}, which is none of its senders"
    if not any(account.weight for account in accounts):
        yield "weight: is 0 for every account; then no message could go"
