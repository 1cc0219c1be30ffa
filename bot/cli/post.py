"""`vaxtext post`: simulated, signed webhooks to any server."""

import click

from bot.cli.started import completed_settings
from bot.cli.twilio_side import PostRefused, TwilioSide
from bot.conversation.gsm7 import billed
from bot.records import E164


@click.command()
@click.option("--url", help="Where to post, such as http://127.0.0.1:8000. Default: PUBLIC_URL.")
@click.option("--from", "sender", required=True, help="The phone that texts, such as +13605550100.")
@click.option("--public-url", help="The address that the server signs for, if it is not --url.")
@click.option("--sid", default="", help="The MessageSid, to post a text a second time.")
@click.argument("texts", nargs=-1, required=True)
def post(url: str | None, sender: str, public_url: str | None, sid: str, texts: tuple[str, ...]) -> None:
    """Post each of TEXTS as Twilio would, signed with TWILIO_AUTH_TOKEN, and print the replies."""
    settings = completed_settings()
    if not E164.fullmatch(sender):
        raise click.BadParameter("write it with + and country, such as +13605550100", param_hint="--from")
    address = (url or settings.public_url).rstrip("/")
    side = TwilioSide(
        address, (public_url or address).rstrip("/"), settings.twilio_account_sid, settings.auth_tokens[0]
    )
    for text in texts:
        click.echo(f"> {text}")
        try:
            reply = side.text(sender, text, sid)
        except PostRefused as refused:
            raise click.ClickException(str(refused)) from None
        click.echo(f"< {reply}\n  ({billed(reply)})" if reply is not None else "< (silence)")
