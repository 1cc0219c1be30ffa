"""The worker's own port: /livez, /readyz and /metrics, for its supervisor and for Prometheus."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import orjson
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.health import readiness
from bot.ports import Services
from bot.readings import CONTENT_TYPE, exposition


class Alive(Protocol):
    services: Services

    @property
    def alive(self) -> bool: ...

    @property
    def worked_at(self) -> float: ...


@contextmanager
def tell_health(worker: Alive, host: str, port: int, certificate: Path | None = None) -> Iterator[int]:
    """Answer in a thread of its own, on the port that is yielded. Raises OSError if it is taken."""
    pages: dict[str, Callable[[], Response]] = {
        "/livez": lambda: _livez(worker),
        "/readyz": lambda: _readyz(worker),
        "/metrics": lambda: Response(exposition(worker.services, certificate), content_type=CONTENT_TYPE),
    }

    @Request.application
    def answer(request: Request) -> Response:
        page = pages.get(request.path)
        return page() if page and request.method in ("GET", "HEAD") else Response("There is nothing here.\n", 404)

    server = make_server(host, port, answer, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, name="door", daemon=True).start()
    try:
        yield server.port
    finally:
        server.shutdown()
        server.server_close()


def _livez(worker: Alive) -> Response:
    return _json({"alive": worker.alive, "last_worked": worker.worked_at or None}, worker.alive)


def _readyz(worker: Alive) -> Response:
    """What the workers do together, and whether this one can work now."""
    ready, told = readiness(worker.services)
    ready = ready and worker.alive
    return _json({**told, "ready": ready, "alive": worker.alive}, ready)


def _json(told: object, good: bool) -> Response:
    return Response(orjson.dumps(told), 200 if good else 503, content_type="application/json")


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Each look of a supervisor is no event."""
