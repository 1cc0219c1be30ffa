"""Answers with a page for residents: in the issuer's colours, and whole in one request.

The style sheet is inside the page, and the policy names its hash: nothing else may style, run or load.
"""

import base64
from functools import lru_cache
from hashlib import sha256

from flask import Blueprint, Response, make_response, render_template
from markupsafe import Markup

from bot.conversation.brand import Brand
from bot.conversation.scripts import direction
from bot.web.here import site
from bot.web.say import Say

routes = Blueprint("pages", __name__)

POLICY = (
    "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="{band}"/>'
    '<path fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" d="m8 16.5 5.5 5.5L24 11"/></svg>'
)
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def page(template: str, language: str, status: int, **values: object) -> Response:
    brand = site().services.flow.brand
    style = _style(brand)
    html = render_template(
        template,
        language=language,
        direction=direction(language),
        say=Say(language),
        style=Markup(style),  # noqa: S704 - our own, and colours that were checked
        **values,
    )
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = POLICY.format(hash=_hash(style))
    return response


def in_every_language(status: int, *, title: str, text: str) -> Response:
    """For whoever may be of any language: two words of the page, in each."""
    languages = site().services.flow.languages
    others = [(code, direction(code), Say(code)) for code in languages]
    return page("in_every_language.html", languages[0], status, others=others, title=title, text=text)


@routes.get("/page.css")
def style_sheet() -> Response:
    """For a page that has more than one request anyway."""
    return Response(_style(site().services.flow.brand), content_type="text/css; charset=utf-8")


@routes.app_context_processor
def look() -> dict[str, object]:
    """What every template knows of the issuer's look."""
    brand = site().services.flow.brand
    icon = ICON.format(band=brand.band).encode()
    logo = _address(brand.logo, brand.logo_type) if brand.logo else ""
    return {"brand": brand, "logo": logo, "icon": _address(icon, "svg")}


@lru_cache(maxsize=2)
def _style(brand: Brand) -> str:
    return render_template("page.css", brand=brand)


def _hash(style: str) -> str:
    return base64.b64encode(sha256(style.encode()).digest()).decode()


def _address(picture: bytes, kind: str) -> str:
    return f"data:{TYPES[kind]};base64,{base64.b64encode(picture).decode()}"
