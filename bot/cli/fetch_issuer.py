"""Fetches an issuer's keys, and what it has revoked, from its /.well-known, by https and within bounds."""

import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import ValidationError

from bot.cards.trust import Crl, Issuer, check_key
from bot.http_body import read_body
from bot.time_limit import within

WAIT = 10.0  # seconds for each wait
WHOLE = 120.0  # seconds for one issuer
LARGEST = 16 * 1024 * 1024  # bytes; a million revoked cards
KEYS = "/.well-known/jwks.json"
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "vaxtext"}


class NotFetched(Exception):
    """Nothing usable came. The text says what was there instead."""


@dataclass(frozen=True, slots=True)
class Fetched:
    issuer: Issuer
    left_out: tuple[str, ...]  # what the issuer publishes wrongly, in words


def fetch_issuer(old: Issuer, wait: float = WAIT) -> Fetched:
    """The issuer with its keys and revocation lists of now. Raises NotFetched where it is away."""
    try:
        return within(WHOLE, lambda: _fetch(old, wait))
    except TimeoutError:
        raise NotFetched(f"it took more than {WHOLE:.0f} seconds") from None


def _fetch(old: Issuer, wait: float) -> Fetched:
    with httpx.Client(timeout=wait, headers=HEADERS) as client:
        keys, left_out = _sound(_keys(_get(client, old.iss, KEYS)))
        crls, missed = _crls(client, old, keys)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    new = old.model_copy(update={"keys": tuple(keys), "crls": tuple(crls), "updated": now})
    return Fetched(new, (*left_out, *missed))


def _keys(found: Any) -> list[Any]:
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list):
        raise NotFetched(f"{KEYS} holds no list of keys")
    return keys


def _sound(keys: Iterable[Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Those that the specification allows, and what is wrong with the others."""
    sound, left_out = [], []
    for number, key in enumerate(keys, 1):
        try:
            if not isinstance(key, dict):
                raise ValueError("it is no JWK")
            sound.append(check_key(key))
        except ValueError as error:
            left_out.append(f"key {number}: {error}")
    return sound, left_out


def _crls(client: httpx.Client, old: Issuer, keys: Iterable[dict[str, Any]]) -> tuple[list[Crl], list[str]]:
    """The lists of these keys. Where one is away its old one stays, or its key would forget what was revoked."""
    crls, missed = [], []
    for key in keys:
        if "crlVersion" not in key:
            continue
        try:
            crls.append(_crl(client, old.iss, key["kid"]))
        except NotFetched as error:
            missed.append(f"revocation list: {error}")
            crls += [crl for crl in old.crls if crl.kid == key["kid"]]
    return crls, missed


def _crl(client: httpx.Client, iss: str, kid: str) -> Crl:
    place = f"/.well-known/crl/{kid}.json"
    try:
        crl = Crl.model_validate(_get(client, iss, place))
    except ValidationError:
        raise NotFetched(f"{place} is no revocation list") from None
    if crl.kid != kid:
        raise NotFetched(f"{place} is the list of another key")
    return crl


def _get(client: httpx.Client, iss: str, place: str) -> Any:
    """JSON, whatever it is. A redirect is not followed: the issuer is where its cards say."""
    try:
        with client.stream("GET", f"{iss}{place}") as response:
            if response.status_code != 200:
                raise NotFetched(f"{place} answers {response.status_code}")
            body = read_body(response, LARGEST)
        if body is None:
            raise NotFetched(f"{place} has more than {LARGEST // 1024 // 1024} MB")
        return json.loads(body)
    except httpx.TimeoutException:
        raise NotFetched(f"{place} did not answer in time") from None
    except httpx.HTTPError as error:
        raise NotFetched(f"no connection: {_cause(error)}") from None
    except (ValueError, RecursionError):
        raise NotFetched(f"{place} is no JSON") from None


def _cause(error: BaseException) -> str:
    """What lies under httpx's error, for the operator: a refused port, a name that nobody knows, a certificate."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message})"
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else type(error).__name__
