"""For tests of `vaxtext twilio doctor`: our own web process on loopback, and a Twilio whose clock is right."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from click.testing import CliRunner, Result
from conftest import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER
from fakes.twilio import FakeTwilio
from werkzeug.serving import make_server

from bot.cli import cli
from bot.wiring import System, build_app

RETRIES = "#rc=2&rp=all&ct=2000&rt=7000"


@dataclass
class Site:
    twilio: FakeTwilio
    url: str

    @property
    def right(self) -> dict[str, str]:
        return {"sms_url": f"{self.url}/twilio/sms{RETRIES}", "sms_fallback_url": f"{self.url}/twilio/fallback"}

    def run(self, *arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(cli, ["twilio", *arguments], input=answer, catch_exceptions=False)

    def well(self) -> str:
        """All as it should be; the sid of the number."""
        number = self.twilio.account.add_number(OUR_NUMBER, **self.right)
        self.twilio.account.add_service(number, campaign="VERIFIED")
        return number


@contextmanager
def serving(system: System, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """At the public address of `system`'s settings, a free port of this machine, which the command is told too."""
    url = system.settings.public_url
    server = make_server("127.0.0.1", int(url.rpartition(":")[2]), build_app(system), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    given = {"PUBLIC_URL": url, "TWILIO_API_URL": twilio.url, "TWILIO_FROM": OUR_NUMBER}
    for name, value in {**given, "TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN}.items():
        monkeypatch.setenv(name, value)
    try:
        yield Site(twilio, url)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sections(done: Result) -> dict[str, dict[str, str]]:
    """The first word of each row, by its section and by what it is about."""
    found: dict[str, dict[str, str]] = {}
    rows: dict[str, str] = {}
    for line in done.output.splitlines():
        if line.startswith(("ok ", "CHANGE ", "look ")):
            rows[line[8:32].strip()] = line[:8].strip()
        elif line.endswith(":"):
            rows = found[line[:-1]] = {}
    return found


def words(done: Result) -> dict[str, str]:
    """Of all sections together, where each says another thing."""
    return {what: word for rows in sections(done).values() for what, word in rows.items()}


def to_change(done: Result) -> set[str]:
    return {what for what, word in words(done).items() if word == "CHANGE"}
