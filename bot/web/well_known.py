"""The public keys of our cards, where every reader looks for them."""

from flask import Blueprint, Response, jsonify

from bot.web.here import site

routes = Blueprint("well_known", __name__)


@routes.get("/.well-known/jwks.json")
def jwks() -> Response:
    response = jsonify(site().services.cards.jwks())
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
