"""Whether we are alive, and whether we can work."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from bot.ports import IISUnavailable, StoreUnavailable
from bot.web.here import site

routes = Blueprint("health", __name__)


@routes.get("/livez")
def livez() -> Response:
    """The process answers. Says nothing of others: restarting us would not mend them."""
    return jsonify(alive=True)


@routes.get("/readyz")
def readyz() -> tuple[Response, int]:
    """503 while Redis is away. The registry is reported, but we answer residents without it."""
    services = site().services
    checks = {"redis": _works(services.sessions.ping), "iis": _works(services.iis.ping)}
    flow = {
        "name": services.flow.name,
        "structure": services.flow.structure,
        "errors_on_disk": services.flows.problems(),  # not 0: we go on with the last good files
    }
    return jsonify(ready=checks["redis"], checks=checks, flow=flow), 200 if checks["redis"] else 503


def _works(ping: Callable[[], None]) -> bool:
    try:
        ping()
    except (IISUnavailable, StoreUnavailable):
        return False
    return True
