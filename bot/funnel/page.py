"""The funnel's page: everything is worked out here, and the template only shows it."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.conversation.flow import Flow
from bot.funnel import picture
from bot.funnel.summary import Days, summary

STYLE = files("bot.funnel").joinpath("funnel.css").read_text()
STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader wants to see."""

    days: int
    language: str = ""  # "": all


def page(flow: Flow, days: Days, choice: Choice, choices: Sequence[int]) -> str:
    """One HTML page that needs nothing else: no script, no picture, no font from elsewhere."""
    found = summary(flow, days, choice.language)
    names = {code: flow.words[code].name for code in flow.languages}
    return _environment().get_template("funnel.html").render(
        flow=flow,
        found=found,
        choice=choice,
        choices=choices,
        names=names,
        style=Markup(STYLE),  # noqa: S704 - our own
        steps=picture.funnel(found.states, "How many came to each step; the dark part said no more there"),
        by_day=picture.days(found.days, "How many conversations began each day; the dark part got their record"),
        by_language=picture.days(found.languages, "Conversations by language; the dark part got their record"),
    )  # fmt: skip


def _environment() -> Environment:
    return Environment(loader=PackageLoader("bot.funnel", "."), autoescape=True, undefined=StrictUndefined)
