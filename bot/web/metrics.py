"""/metrics, on the inner port alone: on the public one there is no such page."""

from flask import Blueprint, Response, abort, request

from bot.readings import CONTENT_TYPE, exposition
from bot.web.here import site

routes = Blueprint("metrics", __name__)


@routes.get("/metrics")
def metrics() -> Response:
    if not site().metrics_port or _port() != site().metrics_port:
        abort(404)
    return Response(exposition(site().services, site().certificate), content_type=CONTENT_TYPE)


def _port() -> int:
    """The one that the request truly came in by, whatever it and its proxies say."""
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    return int(connection.getsockname()[1]) if connection else 0
