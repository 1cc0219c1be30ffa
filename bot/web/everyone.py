"""Pages for somebody of whom nothing is known: in every language there is, and for machines a plain line."""

from flask import Response, request

from bot.conversation.scripts import direction
from bot.web.here import site
from bot.web.pages import page
from bot.web.say import Say


def reads_pages() -> bool:
    """A browser on its way to an address names HTML. Twilio, readers of cards and scripts do not."""
    return "text/html" in request.accept_mimetypes.values()


def everyone(name: str, status: int = 404) -> Response:
    """What is not there, or not now: `name` is the text, beside `<name>_title`."""
    flow, minutes = site().services.flow, site().services.media.life // 60
    said = [(code, direction(code), _said(Say(code), name, minutes)) for code in flow.languages]
    return page("everyone.html", flow.languages[0], status, title=Say(flow.languages[0])(f"{name}_title"), said=said)


def _said(say: Say, name: str, minutes: int) -> tuple[str, str, str]:
    return say("issuer"), say(f"{name}_title"), say(name, minutes=minutes)
