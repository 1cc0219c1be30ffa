"""Whom to tell of a weakness, where RFC 9116 has people look for it."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort

from bot.web.here import site

routes = Blueprint("security_txt", __name__)

PATH = "/.well-known/security.txt"
LIFE = timedelta(days=90)  # RFC 9116 wants less than a year; who reads it later looks again


@routes.get(PATH)
def security_txt() -> Response:
    """As long as we run, it is as new as its day."""
    contacts = site().security_contacts
    if not contacts:
        abort(404)
    services = site().services
    expires = datetime.fromtimestamp(services.now(), UTC) + LIFE
    lines = [*(f"Contact: {contact}" for contact in contacts), f"Expires: {expires:%Y-%m-%dT00:00:00Z}"]
    lines += [f"Canonical: {services.public_url}{PATH}"]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
