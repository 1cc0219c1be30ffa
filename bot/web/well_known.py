"""The public keys of our cards and their revocation lists, where every reader looks for them."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from bot.cards.jwks import KEPT
from bot.web.here import site

routes = Blueprint("well_known", __name__)


@routes.get("/.well-known/jwks.json")
def jwks() -> Response:
    return _document(site().services.cards.jwks(), f"public, max-age={KEPT}")


@routes.get("/.well-known/crl/<kid>.json")
def crl(kid: str) -> Response:
    """Always asked anew: who saw a new `crlVersion` among the keys must not get the list before it."""
    return _document(site().services.cards.crl(kid) or abort(404), "public, no-cache")


@routes.after_request
def open_to_every_page(response: Response) -> Response:
    """Readers in a browser come from pages of others; OPTIONS is what their browser asks first."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "*"
        response.headers["Access-Control-Max-Age"] = "86400"
    else:
        response.headers["Access-Control-Expose-Headers"] = "ETag"
    return response


def _document(content: dict[str, Any], kept: str) -> Response:
    response = jsonify(content)
    response.headers["Cache-Control"] = kept
    response.add_etag()
    response.make_conditional(request)
    return response
