"""The doctor's round: every account, every number of each, and our own addresses. What one hides, the others show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.cli.rows import Row, Section
from bot.cli.twilio_account import Console, Hooks, Number
from bot.cli.twilio_needs import hooks_in_force, of_account, of_number
from bot.cli.twilio_reach import believed, reach
from bot.cli.twilio_refusals import OF_FILE, OF_SETTINGS, TwilioSaysNo
from bot.config import Settings
from bot.delivery.accounts import Account


@dataclass(frozen=True, slots=True)
class Plan:
    """What `configure` would change in one place."""

    console: Console
    hooks: Hooks
    numbers: int  # for so many it counts
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Examined(Section):
    """A section about a number: where its texts go."""

    console: Console
    number: Number

    @property
    def plan(self) -> Plan | None:
        rows = [row for row in self.rows if row.fix]
        hooks, service = hooks_in_force(self.number), self.number.service
        numbers = service.numbers if service and hooks.kind == "service" else 1
        return Plan(self.console, hooks, numbers, rows) if rows else None


def go_round(settings: Settings, only: Sequence[str] = ()) -> Iterator[Section]:
    """`only`: accounts or senders; all, if none is named."""
    fallback = settings.twilio_fallback_url or f"{settings.public_url}/twilio/fallback"
    for account in settings.accounts:
        senders = [sender for sender in account.senders if not only or {sender, account.sid} & set(only)]
        if senders:
            yield from _account(account, settings, senders, fallback)
    yield Section("our addresses", list(reach(settings.public_url, fallback)))


def _account(account: Account, settings: Settings, senders: Sequence[str], fallback: str) -> Iterator[Section]:
    names = OF_SETTINGS if account.sid == settings.twilio_account_sid else OF_FILE
    console, name, known = Console(account, names), f"account {account.sid}", believed(account, settings.public_url)
    try:
        standing = list(of_account(console.standing()))
    except TwilioSaysNo as no:
        rows = [_says_no(no, account, senders), known]
        yield Section(name, [*rows, *_weight(account)])
        return
    yield Section(name, [*standing, known, *_weight(account)])
    for number, sender in enumerate(senders):
        try:
            yield from _sender(console, sender, settings.public_url, fallback)
        except TwilioSaysNo as no:
            yield Section(f"{sender} of {name}", [_says_no(no, account, senders[number:])])
            return


def _says_no(no: TwilioSaysNo, account: Account, unseen: Sequence[str]) -> Row:
    where = account.api_url or "Twilio"
    return Row("the API", f"nothing is known of {', '.join(unseen)}", f"an answer of {where}", str(no))


def _weight(account: Account) -> Iterator[Row]:
    if not account.weight:
        yield Row("weight", "0: nothing new goes by it, and residents may still text it")


def _sender(console: Console, sender: str, public_url: str, fallback: str) -> Iterator[Section]:
    """One number; of a messaging service all numbers, for residents answer to any of them."""
    if not sender.startswith("MG"):
        yield _number(console, sender, public_url, fallback)
        return
    name, numbers = f"{sender} of account {console.account.sid}", console.numbers_of(sender)
    if not numbers:
        missing = "has no such messaging service" if numbers is None else "has no number in it"
        change = f"put numbers into it, or write another as {console.names.sender}"
        yield Section(name, [Row("messaging service", f"this account {missing}", sender, change)])
        return
    yield Section(name, [_row_of_member(console, number) for number in numbers])
    for number in numbers:
        if number not in console.account.senders:
            yield _number(console, number, public_url, fallback)


def _row_of_member(console: Console, number: str) -> Row:
    """Twilio lists texts by number: what a number did not bring to us is looked for only if we know the number."""
    account = console.account
    if number in account.senders:
        return Row("a number in it", number)
    change = f'add "{number}" to senders of account {account.sid} in TWILIO_SENDERS, beside the service'
    return Row("a number in it", f"{number}: texts to it that never reach us are not looked for", number, change)


def _number(console: Console, sender: str, public_url: str, fallback: str) -> Section:
    name, found = f"{sender} of account {console.account.sid}", console.number(sender)
    if found is None:
        change = f"buy it, or write another as {console.names.sender}"
        return Section(name, [Row("number", f"this account has no {sender}", sender, change)])
    return Examined(name, list(of_number(found, sender, public_url, fallback)), console, found)
