"""The web site of a card issuer on loopback, by https: its keys and revocation lists, or something worse."""

import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass
class IssuerSite:
    """`with IssuerSite(tls) as site:` is the issuer `site.iss`. `files`: what is at a path, as JSON or raw bytes."""

    tls: ssl.SSLContext
    files: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)  # instead of 200
    endless: bool = False  # a body without an end
    silent: bool = False  # no answer at all, until the end of the test
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site, self._done = self, threading.Event()
        self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.iss = f"https://127.0.0.1:{self._server.server_port}/vax"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def publish(self, *keys: dict[str, Any], **crls: dict[str, Any]) -> None:
        """`crls` by kid."""
        self.files["/vax/.well-known/jwks.json"] = {"keys": list(keys)}
        for kid, crl in crls.items():
            self.files[f"/vax/.well-known/crl/{kid}.json"] = crl

    def wait(self) -> None:
        self._done.wait(60)


class _Server(ThreadingHTTPServer):
    site: IssuerSite

    def handle_error(self, *_: object) -> None:
        """Who asks may hang up whenever it likes."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        site.asked.append(self.path)
        if site.silent:
            site.wait()
            return
        found = site.files.get(self.path)
        body = found if isinstance(found, bytes) else json.dumps(found).encode()
        self.send_response(site.statuses.get(self.path, 404 if found is None else 200))
        self.send_header("Location", "https://elsewhere.example.org/")
        self.end_headers()
        self.wfile.write(body)
        while site.endless:
            self.wfile.write(b" " * 65536)

    def log_message(self, *_: object) -> None:
        pass
