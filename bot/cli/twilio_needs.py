"""What Twilio must be told so that nothing is lost, against what it is told: pure comparison."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl

from bot.cli.rows import Row
from bot.cli.twilio_account import UNTOLD, Hooks, Number, Standing

RETRIES = "rc=2&rp=all&ct=2000&rt=7000"  # docs/operators.md says why
CLOCKS = 5.0  # seconds by which our clock may differ: lost texts are compared by both
OF_NUMBER = ("sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method")
FIELDS = {  # of a number, a short code and a messaging service
    "number": OF_NUMBER,
    "short code": OF_NUMBER,
    "service": ("inbound_request_url", "inbound_method", "fallback_url", "fallback_method"),
}


def of_account(account: Standing) -> Iterator[Row]:
    yield from _standing(account)
    yield Row("opt-out", UNTOLD, need="Twilio's own STOP, START and HELP, Advanced or not", look=True)
    yield Row(
        "kept at Twilio",
        UNTOLD,
        need="bodies deleted after a day or later, no redaction, media behind authentication: docs/operators.md",
        look=True,
    )


def of_number(number: Number, phone: str, public_url: str, fallback_url: str) -> Iterator[Row]:
    yield from _abilities(number)
    for row in _hooks(hooks_in_force(number), f"{public_url}/twilio/sms", fallback_url):
        yield replace(row, change=f"vaxtext twilio configure {phone}") if row.fix else row
    yield Row("status callback", "each message names its own; nothing to configure")
    if not number.in_services:
        need = "in none, or in one that leaves the webhook to its numbers or has ours"
        yield Row("messaging service", UNTOLD, need, look=True)
    yield from _registration(number, phone)


def hooks_in_force(number: Number) -> Hooks:
    """A messaging service goes before its numbers, unless it defers to them."""
    return number.hooks if number.service is None or number.service.defers else number.service.hooks


def _standing(account: Standing) -> Iterator[Row]:
    well = account.status == "active"
    yield Row("account", account.status, need="active", change="" if well else "see Twilio's console for the reason")
    if account.kind == "Trial":
        yield Row("account's kind", "a trial: it texts only verified numbers, and adds words of its own", look=True)
    if account.clock is None:
        yield Row("clock", "Twilio did not say the time", look=True)
        return
    off = abs(account.clock) > CLOCKS
    found = f"{abs(account.clock):.0f} s {'ahead of' if account.clock > 0 else 'behind'} Twilio's"
    need = f"within {CLOCKS:.0f} s"
    yield Row("clock", found if off else "right", need, "set this machine's clock by NTP" if off else "")


def _abilities(number: Number) -> Iterator[Row]:
    for name, able in (("SMS", number.sms), ("MMS", number.mms)):
        if able is None:
            yield Row(name, UNTOLD, need="yes", look=True)
            continue
        missing = "choose a number that can" + ("" if name == "SMS" else ", or offer no pictures in the flow")
        yield Row(name, "yes" if able else "no", need="yes", change="" if able else missing)
    if number.service and number.service.converts:
        yield Row(
            "pictures as links",
            "on",
            need="off: a record would lie at Twilio behind a short link",
            change=f"switch the MMS converter off in {number.service.hooks.name}",
        )


def _hooks(hooks: Hooks, url: str, fallback_url: str) -> Iterator[Row]:
    url_field, method_field, fallback_field, fallback_method_field = FIELDS[hooks.kind]
    yield Row("webhook is set in", hooks.name)
    if hooks.application:
        yield Row(
            "application",
            f"{hooks.application} goes before the webhook",
            need="none",
            fix={"sms_application_sid": ""},
        )
    address, _, retries = hooks.url.partition("#")
    wanted = f"{url}#{RETRIES}"
    yield _row("webhook", address, url, {url_field: wanted})
    same = dict(parse_qsl(retries)) == dict(parse_qsl(RETRIES))
    yield _row("retries", RETRIES if same else retries, RETRIES, {url_field: wanted})
    yield _row("webhook's method", hooks.method, "POST", {method_field: "POST"})
    yield _row("fallback", hooks.fallback_url.partition("#")[0], fallback_url, {fallback_field: fallback_url})
    yield _row("fallback's method", hooks.fallback_method, "POST", {fallback_method_field: "POST"})


def _row(what: str, found: str, need: str, fix: dict[str, str]) -> Row:
    if found == need:
        return Row(what, found)
    return Row(what, found or "nothing", need, fix=fix)


def _registration(number: Number, phone: str) -> Iterator[Row]:
    """Carriers in the US drop texts of numbers that are not registered. A short code is its own registration."""
    if number.toll_free is not None:
        where = "see Phone Numbers > Toll-free verification in the console"
        yield _registered("toll-free verification", number.toll_free or "not begun", "TWILIO_APPROVED", where)
    elif phone.startswith("+1"):
        campaign = number.service.campaign if number.service else "" if number.in_services else UNTOLD
        found = campaign or ("no campaign" if number.service else "in no messaging service")
        where = "see Messaging > Regulatory compliance > A2P 10DLC in the console"
        yield _registered("A2P 10DLC", found, "VERIFIED", where)


def _registered(what: str, found: str, need: str, where: str) -> Row:
    unknown = found == UNTOLD
    return Row(what, found, need, "" if unknown or found == need else where, look=unknown)
