"""Twilio's REST API on loopback: takes messages, lists them, reports what became of them, fails when told to."""

import base64
import json
import re
import secrets
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import requests
from twilio.request_validator import RequestValidator

from fakes.twilio_account import FakeAccount
from fakes.twilio_messages import FINAL, PATH, Fetched, Sent, listed

OF_THE_SERVICE = "+15555550150"  # the number that every messaging service of ours chooses
E164 = re.compile(r"\+[1-9]\d{6,14}")
MESSAGES = {
    20003: "Authenticate",
    20005: "Account not active",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21211: "Invalid 'To' Phone Number: {to}",
    21606: "The 'From' phone number provided is not a valid message-capable Twilio phone number for {to}",
    21610: "Attempt to send to unsubscribed recipient {to}",
    21611: "The sender {to} has exceeded its queue",
    21614: "'To' number is not a valid mobile number: {to}",
    21617: "The concatenated message body exceeds the 1600 character limit",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What the next request gets instead of 201.

    Status 0: nothing at all until `release`; -1: we hang up; -2: it goes well, and the one after it is meant.
    """

    status: int
    code: int | None = None  # None: an answer that is no JSON, as proxies give it
    accepts: bool = False  # the message is taken all the same


TOO_MANY = Failure(429, 20429)
BROKEN = Failure(500)
HANG_UP = Failure(-1)
SILENCE = Failure(0)
WELL = Failure(-2)
AHEAD = 0  # seconds by which Twilio's clock is ahead of ours, as its answers tell
ACCEPT_AND_BREAK_OFF = Failure(-1, accepts=True)
ACCEPT_AND_FAIL = Failure(500, accepts=True)
ACCEPT_IN_SILENCE = Failure(0, accepts=True)

Report = str | tuple[str, int]  # a status, or one with an error code
DELIVERED: tuple[Report, ...] = ("queued", "sent", "delivered")


class FakeTwilio:
    """`with FakeTwilio(sid, token) as twilio:` answers at `twilio.url` until the block ends."""

    def __init__(self, account_sid: str, auth_token: str, now: Callable[[], float] = time.time) -> None:
        self.account_sid = account_sid
        self.path = PATH.format(account_sid=account_sid)
        self.authorization = f"Basic {base64.b64encode(f'{account_sid}:{auth_token}'.encode()).decode()}"
        self.validator = RequestValidator(auth_token)
        self.now = now
        self.account = FakeAccount(account_sid)
        self.asked: list[dict[str, str]] = []  # every form that came in, whatever was answered
        self.looks: list[str] = []  # every question about messages
        self.sent: list[Sent] = []
        self.received: list[Sent] = []  # what residents texted
        self.deleted: list[str] = []  # every address that was to be deleted, whatever was answered
        self.gone: list[Sent] = []  # messages that were
        self.reports: tuple[Report, ...] = ()  # what is called back for every message, in this order
        self.fetches = True  # pictures of messages
        self.lost = False  # callbacks never arrive, but the list knows
        self._failures: deque[Failure] = deque()
        self._blind: deque[Failure] = deque()
        self._released = threading.Event()
        self._callers = ThreadPoolExecutor(4)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.twilio = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, *failures: Failure) -> None:
        """Each of the next messages gets one of these."""
        self._failures.extend(failures)

    def fail_to_tell(self, *failures: Failure) -> None:
        """Each of the next questions about messages gets one of these."""
        self._blind.extend(failures)

    def release(self) -> None:
        """Let go of those whom we left without an answer until now."""
        self._released.set()
        self._released = threading.Event()

    def clear(self) -> None:
        """As if nothing had been sent yet."""
        everything = (self.sent, self.received, self.asked, self.looks, self.deleted, self.gone)
        for seen in (*everything, self._failures, self._blind):
            seen.clear()

    def to(self, phone: str) -> list[Sent]:
        """What was accepted for this phone."""
        return [message for message in self.sent if message.to == phone]

    def receive(self, sender: str, body: str, to: str, *, media: bool = False) -> str:
        """A resident texts; whether a webhook follows is up to the test. Its MessageSid."""
        sid = ("MM" if media else "SM") + secrets.token_hex(16)
        picture = "https://api.twilio.com/x" if media else ""
        text = Sent(sid, to, sender, body, picture, "", self.now(), "received", sent_at=self.now(), direction="inbound")
        self.received.append(text)
        return sid

    def callback(self, message: Sent, status: str, code: int | None = None) -> tuple[dict[str, str], dict[str, str]]:
        """The form and the headers by which we report, truly signed; the list knows it from now on."""
        message.become(status, code, self.now())
        form = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "AccountSid": self.account_sid,
            "From": message.sender,
            "To": message.to,
            "MessageStatus": status,
            "SmsStatus": status,
            "ApiVersion": "2010-04-01",
            **({"ErrorCode": str(code)} if code else {}),
        }
        signature = self.validator.compute_signature(message.status_callback, form)
        return form, {"X-Twilio-Signature": signature}

    def report(self, message: Sent, *reports: Report) -> None:
        """Call back as often as told, in this order."""
        for each in reports:
            status, code = (each, None) if isinstance(each, str) else each
            form, headers = self.callback(message, status, code)
            if not self.lost:
                self._post(message.status_callback, form, headers)

    def _post(self, url: str, form: dict[str, str], headers: dict[str, str]) -> None:
        try:
            requests.post(url, data=form, headers=headers, timeout=10)
        except requests.RequestException:
            return  # a callback is made once, as in truth

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._callers.shutdown()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def failure_for(self, path: str, authorization: str | None, form: dict[str, str]) -> Failure | None:
        self.asked.append(form)
        if self._failures:
            return self._failures.popleft()
        if path != f"{self.path}.json" or authorization != self.authorization:
            return Failure(401, 20003)
        if not E164.fullmatch(form.get("To", "")):
            return Failure(400, 21211)
        return Failure(400, 21617) if len(form.get("Body", "")) > 1600 else None

    def accept(self, form: dict[str, str]) -> Sent:
        message = Sent(
            sid=("MM" if "MediaUrl" in form else "SM") + secrets.token_hex(16),
            to=form["To"],
            sender=form.get("From", OF_THE_SERVICE),
            body=form["Body"],
            media_url=form.get("MediaUrl", ""),
            status_callback=form.get("StatusCallback", ""),
            created=self.now(),
        )
        if message.media_url and self.fetches:
            message.fetched = [_fetch(method, message.media_url) for method in ("HEAD", "GET")]
        self.sent.append(message)
        if self.reports:
            self._callers.submit(self.report, message, *self.reports)
        return message

    def tell(self, target: str, authorization: str | None) -> tuple[int, object]:
        """The answer to a question: the list, or one message."""
        self.looks.append(target)
        path, query = urlsplit(target).path, urlsplit(target).query
        if authorization != self.authorization:
            return 401, {"code": 20003, "message": MESSAGES[20003], "status": 401}
        if path == f"{self.path}.json":
            return 200, listed(path, query, [*self.sent, *self.received])
        if (told := self.account.tell(path, query)) is not None:
            return 200, told
        known = [*self.sent, *self.received]
        if media := next((m.media_shown(path) for m in known if path == f"{self.path}/{m.sid}/Media.json"), None):
            return 200, media
        found = (message for message in self.sent if path == f"{self.path}/{message.sid}.json")
        if message := next(found, None):
            return 200, message.shown()
        return 404, {"code": 20404, "message": f"The requested resource {path} was not found", "status": 404}

    @property
    def blind(self) -> bool:
        """Whether a question is still to get a failure."""
        return bool(self._blind)

    def blindness(self) -> Failure | None:
        failure = self._blind.popleft() if self._blind else None
        return failure if failure and failure.status != WELL.status else None

    def delete(self, target: str, authorization: str | None) -> tuple[int, object]:
        """A message, or one of its media. One that is still under way cannot be deleted."""
        self.deleted.append(target)
        if authorization != self.authorization:
            return 401, {"code": 20003, "message": MESSAGES[20003], "status": 401}
        sid, medium = self._named(target)
        message = next((known for known in (*self.sent, *self.received) if known.sid == sid), None)
        if message is None or (medium and medium not in message.media):
            return 404, {"code": 20404, "message": f"The requested resource {target} was not found", "status": 404}
        if message.direction != "inbound" and message.status not in FINAL:
            return 409, {"code": 20009, "message": f"Cannot delete {sid} before it is complete", "status": 409}
        if medium:
            message.media.remove(medium)
        else:
            for kept in (self.sent, self.received):
                kept[:] = [known for known in kept if known is not message]
            message.media.clear()
            self.gone.append(message)
        return 204, None

    def _named(self, target: str) -> tuple[str, str]:
        """The message, and the medium if one is meant."""
        parts = urlsplit(target).path.removeprefix(f"{self.path}/").removesuffix(".json").split("/Media")
        return parts[0], parts[1].strip("/") if len(parts) > 1 else ""

    def stay_silent(self) -> None:
        self._released.wait()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked was perhaps killed meanwhile; what else went wrong is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def twilio(self) -> FakeTwilio:
        return self.server.twilio  # type: ignore[attr-defined,no-any-return]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()}
        if changed := self.twilio.account.hear(self.path, form):
            if failure := self.twilio.blindness():
                return self._fail(failure, "")
            return self._answer(200, json.dumps(changed()))
        failure = self.twilio.failure_for(self.path, self.headers.get("Authorization"), form)
        if failure is None or failure.accepts:
            message = self.twilio.accept(form)
        if failure is None:
            self._answer(201, json.dumps(message.shown()))
        else:
            self._fail(failure, form.get("To", ""))
        return None

    def do_GET(self) -> None:
        if failure := self.twilio.blindness():
            return self._fail(failure, "")
        status, answer = self.twilio.tell(self.path, self.headers.get("Authorization"))
        return self._answer(status, json.dumps(answer))

    def do_DELETE(self) -> None:
        if failure := self.twilio.blindness():
            return self._fail(failure, "")
        status, answer = self.twilio.delete(self.path, self.headers.get("Authorization"))
        return self._answer(status, "" if answer is None else json.dumps(answer))

    def _fail(self, failure: Failure, to: str) -> None:
        if failure.status > 0:
            return self._answer(failure.status, _problem(failure, to))
        if failure.status == 0:
            self.twilio.stay_silent()
        self.close_connection = True
        return None

    def _answer(self, status: int, body: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if body.startswith("{") else "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(time.time() + AHEAD)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _fetch(method: str, url: str) -> Fetched:
    answer = requests.request(method, url, timeout=10)
    return Fetched(method, answer.status_code, answer.headers.get("Content-Type", ""), answer.content)


def _problem(failure: Failure, to: str) -> str:
    """Twilio's words name the number, as they do in truth."""
    if failure.code is None:
        return f"<html>upstream error for {to}</html>"
    said = MESSAGES[failure.code].format(to=to)
    more = f"https://www.twilio.com/docs/errors/{failure.code}"
    return json.dumps({"code": failure.code, "message": said, "more_info": more, "status": failure.status})
