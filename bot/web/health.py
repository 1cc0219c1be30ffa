"""Whether we are alive, and whether we can answer a text now."""

from flask import Blueprint, Response, jsonify

from bot.health import readiness
from bot.web.here import site

routes = Blueprint("health", __name__)


@routes.get("/livez")
def livez() -> Response:
    """The process answers. Says nothing of others: restarting us would not mend them."""
    return jsonify(alive=True)


@routes.get("/readyz")
def readyz() -> tuple[Response, int]:
    """503 while Redis is away, full or read-only. The registry is told, and does not decide."""
    ready, told = readiness(site().services)
    return jsonify(told), 200 if ready else 503
