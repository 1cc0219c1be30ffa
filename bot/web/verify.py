"""The page for the other side of the door: a browser checks cards by itself, with the lists that we serve it."""

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from markupsafe import Markup, escape

from bot.conversation.pages import VERIFY_RESULTS
from bot.conversation.scripts import direction
from bot.conversation.wording import fill
from bot.web.here import site
from bot.web.languages import best_language
from bot.web.say import Say

routes = Blueprint("verify", __name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
CAMERA = "camera=(self), geolocation=(), microphone=()"


@routes.get("/verify")
def verify() -> Response:
    flow = site().services.flow
    asked = request.args.get("language", "")
    language = best_language([asked, *request.accept_languages.values()], flow.languages)
    page = render_template(
        "verify.html",
        language=language,
        direction=direction(language),
        say=Say(language),
        results=[_result(name, Say(language)) for name in VERIFY_RESULTS],
        others=[(code, flow.words_in(code).name) for code in flow.languages],
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Permissions-Policy"] = CAMERA
    response.headers["Vary"] = "Accept-Language"
    return response


@routes.get("/verify/trust.json")
def trust() -> Response:
    """The issuers whose cards are believed. A browser may keep them, and asks each time whether they have changed."""
    written = site().trust_list.written()
    response = Response(written.content, mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(written.etag)
    response.make_conditional(request)
    return response


@routes.get("/verify/vaccines.json")
def vaccines() -> Response:
    """The name of each product by its CVX code."""
    table = site().services.flow.vaccines.table
    return jsonify({code: vaccine.product for code, vaccine in table.items()})


def _result(name: str, say: Say) -> dict[str, str]:
    """One thing that the page may say; the program fills the blanks when it says it."""
    tone, blanks = VERIFY_RESULTS[name]
    text = str(escape(say.words.page[f"verify_{name}"]))
    later = {blank: f'<bdi data-fill="{blank}"></bdi>' for blank in blanks}
    filled = Markup(fill(text, {**say.values, **later}))  # noqa: S704 - escaped, and our own
    return {"name": name, "tone": tone, "title": say(f"verify_{name}_title"), "text": filled}
