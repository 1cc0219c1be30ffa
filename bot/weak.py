"""What production does not start with: examples, what anybody would guess, ways on which others read along."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from bot.iis.sql.address import is_here

EXAMPLE_HOST = re.compile(r"(.*\.)?example(\.(com|org|net|edu|gov))?")  # RFC 2606, and what our own docs write
EXAMPLE_NUMBER = "+15551234567"
PLACEHOLDERS = "password passwort passwd secret token changeme change example admin default test letmein hush demo"
WORDS = re.compile(rf"({'|'.join(PLACEHOLDERS.split())}|auth|your|my|me|the|[\W\d_])+", re.I)
ADDRESSES = ("PUBLIC_URL", "CARD_ISSUER", "TWILIO_FALLBACK_URL", "REDIS_URL", "IIS_URL", "AUDIT_URL", "SMTP_URL")
WITH_PASSWORD = ("REDIS_URL", "IIS_URL", "AUDIT_URL", "SMTP_URL")
LEAST = {"TWILIO_AUTH_TOKEN": 16, "FUNNEL_PASSWORD": 16}  # letters; 8 in an address


def problems(values: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each of these settings that is an example, easy to guess, or unsafe."""
    for name in ADDRESSES:
        if any(EXAMPLE_HOST.fullmatch(_host(url)) for url in values[name].split()):
            yield f"{name}: this is an address of the example; write your own"
    if values["TWILIO_FROM"] == EXAMPLE_NUMBER:
        yield "TWILIO_FROM: this is the number of the example; write your own"
    for name in WITH_PASSWORD:
        if any(given and is_weak(given, 8) for given in map(_password, values[name].split())):
            yield f"{name}: its password is easy to guess or one of the example; take 8 random letters or more"
    for name, least in LEAST.items():
        if any(is_weak(part, least) for part in re.split(r"[\s,]+", values[name]) if part):
            yield f"{name}: this is easy to guess or cut off; it has {least} random letters or more"
    if unsafe := _unsafe_redis(values["REDIS_URL"]):
        yield f"REDIS_URL: {unsafe}"


def of_account(sid: str, tokens: Sequence[str], senders: Sequence[str], made_up: Collection[str]) -> Iterator[str]:
    """The same for an account of the file in TWILIO_SENDERS."""
    if any(is_weak(token, LEAST["TWILIO_AUTH_TOKEN"]) for token in tokens):
        yield f"account {sid}: auth_token is easy to guess or cut off; write the token of Twilio's console"
    if not set(tokens).isdisjoint(made_up):
        yield f"account {sid}: auth_token was made up for the demo; write the token of Twilio's console"
    if EXAMPLE_NUMBER in senders:
        yield f"account {sid}: {EXAMPLE_NUMBER} is the number of the example; write your own"


def is_weak(secret: str, least: int) -> bool:
    """Short, a few letters again and again, or words that stand where a secret should."""
    return len(secret) < least or len(set(secret)) < 5 or WORDS.fullmatch(secret) is not None


def demo_secrets(folder: Path) -> frozenset[str]:
    """What the demo made up in this DATA_DIR; nothing if it never ran here."""
    try:
        return frozenset(json.loads((folder / "demo_secrets.json").read_text(encoding="utf-8")).values())
    except (OSError, ValueError, AttributeError):
        return frozenset()


def _unsafe_redis(url: str) -> str:
    """Who reads and writes along could give tries of PINs back, and bring an old session again."""
    scheme = url.partition(":")[0]
    if scheme == "redis" and not is_here(_host(url)):
        return "must go by TLS in production: rediss://; redis:// is for this machine alone, and unix:// for a socket"
    query = parse_qs(urlsplit(url).query)
    proven = _password(url) or query.keys() & {"password", "ssl_certfile"}
    if scheme == "rediss" and not is_here(_host(url)) and not proven:
        return "has no password, and everybody who reaches that machine is let in: write rediss://:password@host:6379/0"
    checks = query.get("ssl_cert_reqs", ["required"]), query.get("ssl_check_hostname", ["true"])
    if checks != (["required"], ["true"]):
        return "must check the certificate of Redis in production: leave ssl_cert_reqs and ssl_check_hostname away"
    return ""


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _password(url: str) -> str:
    return unquote(urlsplit(url).password or "")
