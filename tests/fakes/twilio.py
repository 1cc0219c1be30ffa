"""Twilio's REST API on loopback: takes messages, fetches their pictures, fails when told to."""

import base64
import json
import re
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

import requests

E164 = re.compile(r"\+[1-9]\d{6,14}")
MESSAGES = {
    20003: "Authenticate",
    20429: "Too Many Requests",
    21211: "Invalid 'To' Phone Number: {to}",
    21610: "Attempt to send to unsubscribed recipient {to}",
    21614: "'To' number is not a valid mobile number: {to}",
    21617: "The concatenated message body exceeds the 1600 character limit",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What the next request gets instead of 201. Status 0: nothing at all, for as long as we `hold` it."""

    status: int
    code: int | None = None  # None: an answer that is no JSON, as proxies give it


TOO_MANY = Failure(429, 20429)
BROKEN = Failure(500)
HANG_UP = Failure(-1)
SILENCE = Failure(0)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One request for a picture, as Twilio makes it: without credentials."""

    method: str
    status: int
    content_type: str
    content: bytes


@dataclass(slots=True)
class Sent:
    """A message that was accepted."""

    sid: str
    to: str
    sender: str
    body: str
    media_url: str
    status_callback: str
    fetched: list[Fetched] = field(default_factory=list)


class FakeTwilio:
    """`with FakeTwilio(sid, token) as twilio:` answers at `twilio.url` until the block ends."""

    def __init__(self, account_sid: str, auth_token: str) -> None:
        self.path = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self.authorization = f"Basic {base64.b64encode(f'{account_sid}:{auth_token}'.encode()).decode()}"
        self.asked: list[dict[str, str]] = []  # every form that came in, whatever was answered
        self.sent: list[Sent] = []
        self._failures: deque[Failure] = deque()
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.twilio = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, *failures: Failure) -> None:
        """Each of the next requests gets one of these."""
        self._failures.extend(failures)

    def release(self) -> None:
        """Let go of those whom we left without an answer until now."""
        self._released.set()
        self._released = threading.Event()

    def to(self, phone: str) -> list[Sent]:
        """What was accepted for this phone."""
        return [message for message in self.sent if message.to == phone]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def failure_for(self, path: str, authorization: str | None, form: dict[str, str]) -> Failure | None:
        self.asked.append(form)
        if self._failures:
            return self._failures.popleft()
        if path != self.path or authorization != self.authorization:
            return Failure(401, 20003)
        if not E164.fullmatch(form.get("To", "")):
            return Failure(400, 21211)
        return Failure(400, 21617) if len(form.get("Body", "")) > 1600 else None

    def accept(self, form: dict[str, str]) -> Sent:
        message = Sent(
            sid=("MM" if "MediaUrl" in form else "SM") + secrets.token_hex(16),
            to=form["To"],
            sender=form["From"],
            body=form["Body"],
            media_url=form.get("MediaUrl", ""),
            status_callback=form.get("StatusCallback", ""),
        )
        if message.media_url:
            message.fetched = [_fetch(method, message.media_url) for method in ("HEAD", "GET")]
        self.sent.append(message)
        return message

    def stay_silent(self) -> None:
        self._released.wait()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        twilio: FakeTwilio = self.server.twilio  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()}
        failure = twilio.failure_for(self.path, self.headers.get("Authorization"), form)
        if failure is None:
            return self._answer(201, json.dumps(_created(twilio.accept(form))))
        if failure.status > 0:
            return self._answer(failure.status, _problem(failure, form))
        if failure is SILENCE:
            twilio.stay_silent()
        self.close_connection = True
        return None

    def _answer(self, status: int, body: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if body.startswith("{") else "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _fetch(method: str, url: str) -> Fetched:
    answer = requests.request(method, url, timeout=10)
    return Fetched(method, answer.status_code, answer.headers.get("Content-Type", ""), answer.content)


def _created(message: Sent) -> dict[str, object]:
    return {
        "sid": message.sid,
        "account_sid": "AC",
        "status": "queued",
        "to": message.to,
        "from": message.sender,
        "body": message.body,
        "num_segments": "1",
        "num_media": "1" if message.media_url else "0",
        "direction": "outbound-api",
        "date_created": formatdate(),
        "error_code": None,
        "error_message": None,
    }


def _problem(failure: Failure, form: dict[str, str]) -> str:
    """Twilio's words name the number, as they do in truth."""
    if failure.code is None:
        return f"<html>upstream error for {form.get('To')}</html>"
    said = MESSAGES[failure.code].format(to=form.get("To"))
    more = f"https://www.twilio.com/docs/errors/{failure.code}"
    return json.dumps({"code": failure.code, "message": said, "more_info": more, "status": failure.status})
