"""`vaxtext mail check`: whether the mail servers let us in. No mail is sent."""

import click

from bot.cli.rows import Row, Section, show_and_exit
from bot.cli.started import settings_so_far_or_exit
from bot.delivery.smtp import SmtpAddress, SmtpDelivery
from bot.ports import DeliveryUnavailable

NEED = "a connection by TLS, a login, and our sender taken"
CHANGE = "mend SMTP_URL, or see that the mail server and the network between let this machine in"


@click.group()
def mail() -> None:
    """Try the mail servers. Explained in docs/operators.md."""


@mail.command()
def check() -> None:
    """Connect to each server of SMTP_URL, log in and name our sender; exit status 1 if one does not let us in."""
    settings = settings_so_far_or_exit()
    if not settings.relays:
        raise click.ClickException("Set SMTP_URL first: .env.example says how.")
    show_and_exit([_knock(number, relay) for number, relay in enumerate(settings.relays, 1)])


def _knock(number: int, relay: SmtpAddress) -> Section:
    name = f"mail server {number}, {relay.host}:{relay.port}"
    try:
        tls = SmtpDelivery(relay).knock()
    except DeliveryUnavailable as no:
        return Section(name, [Row("lets us in", f"no: {no}", NEED, CHANGE)])
    user = f"as {relay.user}" if relay.user else "without a login"
    way = Row("way", tls) if tls else Row("way", "open to all who listen", "TLS; production takes no other", look=True)
    return Section(name, [Row("lets us in", f"yes, {user}, with mails from {relay.sender}"), way])
