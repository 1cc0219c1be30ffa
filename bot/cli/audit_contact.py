"""A phone or email as somebody at the help line types it, in the spelling that the trail knows."""

from collections.abc import Mapping
from datetime import date

import click

from bot.conversation.answers.check import Asked, Clean
from bot.conversation.answers.contact import check
from bot.conversation.flow import Flow

REGION: Mapping[str, str] = {"region": "US"}


def contact_of(text: str, flow: Flow) -> str:
    """Read as a resident's answer is read."""
    words = flow.words_in(flow.languages[0])
    asked = Asked(words, tuple(flow.languages), {}, date.today(), "", {}, REGION)  # noqa: DTZ011 - it looks at no day
    found = check(text, asked)
    if not isinstance(found, Clean) or not found.value:
        raise click.ClickException("Write a phone with its area code, such as 360-555-0100, or an email.")
    return str(found.value)
