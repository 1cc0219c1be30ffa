"""The picture of a message and card files at addresses that nobody can guess, for ten minutes."""

import json
from collections.abc import Callable

from flask import Blueprint, Response, abort

from bot.cards import qr
from bot.cards.issuer import card_file
from bot.web.here import site

routes = Blueprint("media", __name__)

TYPES = {"png": "image/png", "smart-health-card": "application/smart-health-card"}


@routes.get("/m/<token>.<suffix>")
def media(token: str, suffix: str) -> Response:
    """GET and HEAD, as Twilio fetches a picture. Unknown, expired and taken back are the same."""
    kept = site().services.media.read(token, suffix) if suffix in TYPES else None
    content = WAYS[suffix](kept.decode(errors="replace")) if kept else b""
    if not content:
        abort(404)
    response = Response(content, content_type=TYPES[suffix])
    way = "inline" if suffix == "png" else "attachment"
    response.headers["Content-Disposition"] = f'{way}; filename="vaccine-record.{suffix}"'
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _picture(card: str) -> bytes:
    """The QR code of a card, or nothing if that was taken back since."""
    return b"" if site().services.cards.is_revoked(card) else qr.png(card)


def _file(kept: str) -> bytes:
    """The cards of a file that were not taken back since."""
    cards = [card for card in json.loads(kept)["verifiableCredential"] if not site().services.cards.is_revoked(card)]
    return card_file(*cards) if cards else b""


WAYS: dict[str, Callable[[str], bytes]] = {"png": _picture, "smart-health-card": _file}
