"""Whether we are alive, and whether we can work."""

from flask import Blueprint, Response, jsonify

from bot.ports import StoreUnavailable
from bot.web.here import site

routes = Blueprint("health", __name__)


@routes.get("/livez")
def livez() -> Response:
    """The process answers. Says nothing of others: restarting us would not mend them."""
    return jsonify(alive=True)


@routes.get("/readyz")
def readyz() -> tuple[Response, int]:
    """503 while Redis is away. The registry is not asked: without it we still answer residents."""
    services = site().services
    try:
        services.sessions.ping()
        works = True
    except StoreUnavailable:
        works = False
    flow = {
        "name": services.flow.name,
        "structure": services.flow.structure,
        "errors_on_disk": services.flows.problems(),  # not 0: we go on with the last good files
    }
    return jsonify(ready=works, redis=works, flow=flow), 200 if works else 503
