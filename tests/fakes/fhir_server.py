"""A FHIR R4 registry on loopback: $match or search, pages, tokens; fails when told to."""

import json
import ssl
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.records import VaccineRecord
from fakes.fhir_oauth import FakeOAuth
from fakes.fhir_resources import Resource, resources_of
from fakes.fhir_search import alike, same, search

FHIR = "application/fhir+json"
PATIENT = ("birthdate", "name", "telecom")
IMMUNIZATION = ("patient", "status")


@dataclass(frozen=True, slots=True)
class Reply:
    """A canned answer: a status with a body, or something worse."""

    status: int = 200
    body: object = b""  # bytes as they are, all else as JSON
    headers: tuple[tuple[str, str], ...] = ()
    drips: Literal["", "head", "body"] = ""  # byte by byte, and never the last


HANG_UP = Reply(-1)
SILENCE = Reply(0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the access log of a server, or of a proxy before it, would have it, and what it hid from them."""

    line: str  # "POST /fhir/Patient/_search"
    headers: dict[str, str]
    body: str
    peer: int  # the port that it came from: one connection

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


@dataclass
class FhirServer:
    """`with FhirServer(records) as registry:` answers at `registry.url`, which is in the form of IIS_URL."""

    people: Iterable[VaccineRecord] = ()
    mode: Literal["match", "search"] = "search"
    oauth: FakeOAuth | None = None
    page: int = 100  # at most so many on one page
    delay: float = 0.0  # seconds before each answer
    tls: ssl.SSLContext | None = None
    patient_parameters: tuple[str, ...] = PATIENT  # what it lists and knows
    immunization_parameters: tuple[str, ...] = IMMUNIZATION
    strict: bool = False  # whether $match compares names letter by letter
    lists_parameters: bool = True
    takes_posted_searches: bool = True
    metadata_is_open: bool = True
    has_smart_configuration: bool = True
    resources: list[Resource] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.resources += resources_of(self.people)
        self._replies: dict[str, deque[Reply]] = defaultdict(deque)
        self._always: dict[str, Reply] = {}
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._server.fake = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._server.server_port}"

    @property
    def base(self) -> str:
        return f"{self.origin}/fhir"

    @property
    def url(self) -> str:
        who = ""
        if self.oauth:
            who = self.oauth.client_id + (f":{self.oauth.secret}" if self.oauth.secret else "") + "@"
        scheme, _, place = self.base.partition("://")
        return f"fhir+{scheme}://{who}{place}"

    def reply(self, route: str, *replies: Reply) -> None:
        """Each of the next requests at a route gets one of these. A route: "GET Immunization", "POST token"."""
        self._replies[route].extend(replies)

    def always(self, route: str, reply: Reply) -> None:
        self._always[route] = reply

    def forget(self) -> None:
        """All canned replies."""
        self._replies.clear()
        self._always.clear()

    def lines(self) -> list[str]:
        return [asked.line for asked in self.asked]

    def requests(self, route: str) -> list[Asked]:
        """Those at one route, whatever their parameters."""
        method, _, path = route.partition(" ")
        start = f"{method} /fhir/{path}"
        return [asked for asked in self.asked if asked.line == start or asked.line.startswith(f"{start}?")]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        method, _, target = asked.line.partition(" ")
        url = urlsplit(target)
        route = f"{method} {url.path.removeprefix('/fhir').removeprefix('/')}"
        if self._replies[route]:
            return self._replies[route].popleft()
        if route in self._always:
            return self._always[route]
        if not url.path.startswith("/fhir/"):
            return Reply(404)
        return self._answer(route, dict(parse_qsl(url.query)), asked)

    def _answer(self, route: str, query: dict[str, str], asked: Asked) -> Reply:
        if route == "POST token" and self.oauth:
            form = dict(parse_qsl(asked.body))
            return Reply(*self.oauth.token(f"{self.base}/token", form, asked.authorization))
        if route == "GET .well-known/smart-configuration":
            known = self.oauth and self.has_smart_configuration
            return Reply(200, {"token_endpoint": f"{self.base}/token"}) if known else Reply(404, _outcome("not-found"))
        is_open = self.metadata_is_open and route == "GET metadata"
        if self.oauth and not is_open and not self.oauth.accepts(asked.authorization):
            return Reply(401, _outcome("login"))
        return self._answer_to_client(route, query, asked)

    def _answer_to_client(self, route: str, query: dict[str, str], asked: Asked) -> Reply:
        match route.split():
            case ["GET", "metadata"]:
                return Reply(200, self._statement())
            case ["POST", "Patient/$match"] if self.mode == "match":
                return self._match(json.loads(asked.body))
            case ["POST", "Patient/_search"] if self.takes_posted_searches:
                return self._search("Patient", dict(parse_qsl(asked.body)))
            case ["GET", "Patient" | "Immunization" as kind]:
                return self._search(kind, query)
            case ["GET", path] if path.startswith("Patient/") and "_" not in path:
                found = [one for one in self.resources if f"{one['resourceType']}/{one['id']}" == path]
                return Reply(200, found[0]) if found else Reply(404, _outcome("not-found"))
            case _:
                return Reply(404, _outcome("not-supported"))

    def _search(self, kind: str, parameters: dict[str, str]) -> Reply:
        listed = self.patient_parameters if kind == "Patient" else self.immunization_parameters
        known = {name: value for name, value in parameters.items() if name in listed}
        found = search(self.resources, kind, known)
        start = int(parameters.get("_start", 0))
        size = min(self.page, int(parameters.get("_count", self.page)))
        bundle = searchset(found[start : start + size]) | {"total": len(found)}
        if start + size < len(found):
            following = urlencode(known | {"_count": str(size), "_start": str(start + size)})
            bundle["link"] = [{"relation": "next", "url": f"{self.base}/{kind}?{following}"}]
        return Reply(200, bundle)

    def _match(self, parameters: dict[str, Any]) -> Reply:
        asked = {parameter["name"]: parameter for parameter in parameters["parameter"]}
        found = (same if self.strict else alike)(self.resources, asked["resource"]["resource"])
        return Reply(200, searchset(found[: asked["count"]["valueInteger"]]))

    def _statement(self) -> dict[str, Any]:
        listed = {"Patient": self.patient_parameters, "Immunization": self.immunization_parameters}
        served: list[dict[str, Any]] = [{"type": kind} for kind in listed]
        for resource in served if self.lists_parameters else ():
            names = listed[resource["type"]]
            resource["searchParam"] = [{"name": name, "type": "token"} for name in names]
        if self.mode == "match":
            definition = "http://hl7.org/fhir/OperationDefinition/Patient-match"
            served[0]["operation"] = [{"name": "match", "definition": definition}]
        return {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "fhirVersion": "4.0.1",
            "rest": [{"mode": "server", "security": self._security(), "resource": served}],
        }

    def _security(self) -> dict[str, Any]:
        token = {"url": "token", "valueUri": f"{self.base}/token"}
        uris = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
        return {"extension": [{"url": uris, "extension": [token]}]} if self.oauth else {}


def searchset(resources: Iterable[object]) -> dict[str, Any]:
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}


def _outcome(code: str) -> Resource:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code, "diagnostics": "..."}]}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # or many threads that connect at once are turned away

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of those who hang up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        fake: FhirServer = self.server.fake  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = fake.answer(Asked(f"{self.command} {self.path}", headers, body, self.client_address[1]))
        if reply.status <= 0 or reply.drips:
            self.close_connection = True
        fake.released.wait(None if reply is SILENCE else fake.delay)
        if reply.drips:
            return self._drip(reply.drips, fake.released)
        return self._write(reply) if reply.status > 0 else None

    def _write(self, reply: Reply) -> None:
        data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Type", FHIR)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _drip(self, drips: str, released: threading.Event) -> None:
        """A byte each fiftieth of a second, for as long as somebody reads."""
        head = b"HTTP/1.1 200 OK\r\n"
        self.wfile.write(head if drips == "head" else head + b"Content-Length: 100000\r\n\r\n")
        try:
            while not released.wait(0.02):
                self.wfile.write(b"X")
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
