"""What Twilio must be told so that nothing is lost, against what it is told: pure comparison."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from bot.cli.twilio_account import Account, Hooks, Number

RETRIES = "rc=2&rp=all&ct=2000&rt=7000"  # docs/operators.md says why
CLOCKS = 5.0  # seconds by which our clock may differ: lost texts are compared by both
FIELDS = {  # of a number, and of a messaging service
    "number": ("sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method"),
    "service": ("inbound_request_url", "inbound_method", "fallback_url", "fallback_method"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was compared. `change` says what to do; without it all is well, or nothing can be known."""

    what: str
    found: str
    need: str = ""
    change: str = ""
    look: bool = False  # the API does not tell: a person must look
    fix: dict[str, str] = field(default_factory=dict)  # what `configure` sets

    @property
    def word(self) -> str:
        return "CHANGE" if self.change else "look" if self.look else "ok"


def compare(account: Account, number: str, public_url: str, fallback_url: str) -> Iterator[Row]:
    yield from _account(account)
    if account.number is None:
        yield Row(
            "number", f"this account has no {number}", need=number, change="buy it, or write another as TWILIO_FROM"
        )
        return
    yield from _abilities(account.number)
    yield from _hooks(hooks_in_force(account.number), f"{public_url}/twilio/sms", fallback_url)
    yield Row("status callback", "each message names its own; nothing to configure")
    yield from _registration(account.number, number)
    yield Row("opt-out", "the API does not tell", need="Twilio's own STOP, START and HELP, Advanced or not", look=True)
    yield Row(
        "kept at Twilio",
        "the API does not tell",
        need="bodies deleted after a day or later, no redaction, media behind authentication: docs/operators.md",
        look=True,
    )


def hooks_in_force(number: Number) -> Hooks:
    """A messaging service goes before its numbers, unless it defers to them."""
    return number.hooks if number.service is None or number.service.defers else number.service.hooks


def _account(account: Account) -> Iterator[Row]:
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
            change="take it from the number",
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
    return Row(what, found or "nothing", need, change="vaxtext twilio configure", fix=fix)


def _registration(number: Number, phone: str) -> Iterator[Row]:
    """Carriers in the US drop texts of numbers that are not registered."""
    if number.toll_free is not None:
        well = number.toll_free == "TWILIO_APPROVED"
        found, need = number.toll_free or "not begun", "TWILIO_APPROVED"
        change = "" if well else "see Phone Numbers > Toll-free verification in the console"
        yield Row("toll-free verification", found, need, change)
    elif phone.startswith("+1"):
        campaign = number.service.campaign if number.service else ""
        found = campaign or ("no campaign" if number.service else "in no messaging service")
        change = "" if campaign == "VERIFIED" else "see Messaging > Regulatory compliance > A2P 10DLC in the console"
        yield Row("A2P 10DLC", found, "VERIFIED", change)
