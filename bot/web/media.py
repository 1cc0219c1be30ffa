"""Pictures and card files at addresses that nobody can guess, for ten minutes."""

from flask import Blueprint, Response, abort

from bot.web.here import site

routes = Blueprint("media", __name__)

TYPES = {"png": "image/png", "smart-health-card": "application/smart-health-card"}


@routes.get("/m/<token>.<suffix>")
def media(token: str, suffix: str) -> Response:
    """GET and HEAD, as Twilio fetches a picture. Unknown and expired are the same."""
    content = site().services.media.read(token, suffix) if suffix in TYPES else None
    if content is None:
        abort(404)
    response = Response(content, content_type=TYPES[suffix])
    way = "inline" if suffix == "png" else "attachment"
    response.headers["Content-Disposition"] = f'{way}; filename="vaccine-record.{suffix}"'
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
