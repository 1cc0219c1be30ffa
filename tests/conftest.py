"""Real parts for tests: one Redis for a run, the real app, truly signed webhooks, a clock that can be moved."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

import hypothesis
import pytest
import redis
from fakes.post_office import PostOffice
from fakes.twilio import FakeTwilio
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.config import Settings, read_settings
from bot.delivery.console import ConsoleDelivery, Outbox, read_outbox
from bot.delivery.twilio_rest import TwilioDelivery
from bot.iis.demo_people import seed
from bot.ports import Services
from bot.store.embedded import EmbeddedRedis
from bot.store.limits import RedisLimits
from bot.store.naming import Names
from bot.transcripts.app import Clock, RecordedJobs
from bot.web.signature import Signature
from bot.wiring import System, build_app, build_system, outbox_path

pytest_plugins = ["browser", "postgres"]

# `make test` asks the same questions each time, `make fuzz` others and many more.
# A machine that does other work too is no failure.
hypothesis.settings.register_profile("vaxtext", deadline=None, derandomize=True)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=4000)
hypothesis.settings.load_profile("vaxtext")

PUBLIC_URL = "https://bot.example.org"
AUTH_TOKEN = "twilio_test_auth_token"
ACCOUNT_SID = "AC" + "0" * 32
OUR_NUMBER = "+15555550199"
ANA = "+13605550100"


@dataclass
class Phone:
    """Somebody's phone: texts go through the real webhook."""

    client: FlaskClient
    outbox: Path
    number: str = ANA
    replies: list[str | None] = field(default_factory=list)

    def text(self, *bodies: str, **extra: str) -> str | None:
        """Text one or several messages; the last reply, None for silence."""
        for body in bodies:
            self.replies.append(reply_in(self.post(body, **extra)))
        return self.replies[-1]

    def post(self, body: str, *, sid: str = "", **extra: str) -> TestResponse:
        """Post one webhook, and the raw answer."""
        form = {
            "MessageSid": sid or f"SM{secrets.token_hex(16)}",
            "AccountSid": ACCOUNT_SID,
            "From": self.number,
            "To": OUR_NUMBER,
            "Body": body,
            "NumMedia": "0",
            "ApiVersion": "2010-04-01",
            **extra,
        }
        return self.client.post("/twilio/sms", data=form, headers=signed("/twilio/sms", form))

    def received(self) -> list[dict[str, object]]:
        """What was sent to this phone, apart from replies."""
        return [line for line in read_outbox(self.outbox) if line["to"] == self.number]


def signed(path: str, form: dict[str, str], token: str = AUTH_TOKEN) -> dict[str, str]:
    return {"X-Twilio-Signature": Signature(PUBLIC_URL, [token]).sign(path, form)}


def reply_in(answer: TestResponse) -> str | None:
    assert answer.status_code == 200, answer.text
    message = ElementTree.fromstring(answer.data).find("Message")
    return None if message is None else message.text


@pytest.fixture
def nobodys_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but those that a test gives, in a folder of its own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture(scope="session")
def iis_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A registry with the demo people."""
    url = f"sqlite:///{tmp_path_factory.mktemp('iis') / 'iis.db'}"
    seed(url)
    return url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def more_settings() -> dict[str, object]:
    """What a test file sets besides."""
    return {}


@pytest.fixture
def system(
    redis_url: str, iis_url: str, tmp_path: Path, clock: Clock, more_settings: dict[str, object]
) -> Iterator[System]:
    with whole_system(redis_url, iis_url, tmp_path, clock, more_settings) as built:
        yield built


@contextmanager
def whole_system(
    redis_url: str, iis_url: str, folder: Path, clock: Clock, more_settings: dict[str, object]
) -> Iterator[System]:
    """All of vaxtext as `wiring` builds it, over an empty Redis; jobs wait until a test does them."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    settings = read_settings(
        {
            "redis_url": redis_url,
            "iis_url": iis_url,
            "data_dir": folder / "var",
            "public_url": PUBLIC_URL,
            "twilio_account_sid": ACCOUNT_SID,
            "twilio_auth_token": f"{AUTH_TOKEN},the_token_before",
            "twilio_from": OUR_NUMBER,
            **more_settings,
        }
    )
    built = build_system(settings)
    jobs = RecordedJobs()
    outbox = Outbox(ConsoleDelivery(), outbox_path(built.settings))
    names = Names(built.settings.ring("index_keys").derived("vaxtext index"))
    limits = RedisLimits(built.client, names, ahead=lambda: clock() - Clock.seconds)
    jobs.services = replace(built.services, jobs=jobs, now=clock, limits=limits, carrier=outbox, inboxes=())
    yield replace(built, services=jobs.services)
    built.close()


@pytest.fixture
def services(system: System) -> Services:
    return system.services


@pytest.fixture
def jobs(services: Services) -> RecordedJobs:
    assert isinstance(services.jobs, RecordedJobs)
    return services.jobs


@pytest.fixture
def client(system: System) -> FlaskClient:
    return build_app(system).test_client()


@pytest.fixture
def phone(client: FlaskClient, system: System) -> Phone:
    return Phone(client, outbox_path(system.settings))


@pytest.fixture
def twilio(clock: Clock) -> Iterator[FakeTwilio]:
    with FakeTwilio(ACCOUNT_SID, AUTH_TOKEN, now=clock) as twilio:
        yield twilio


@pytest.fixture
def post(phone: Phone, jobs: RecordedJobs, clock: Clock, twilio: FakeTwilio) -> PostOffice:
    """The outbox over a Twilio of ours; a test sends when it says so."""
    texts = TwilioDelivery(ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, f"{PUBLIC_URL}/twilio/status", twilio.url)
    texts.client.http_client.timeout = 0.5  # nobody waits longer in a test
    post = PostOffice(phone, jobs, clock, twilio, texts)
    post.use(texts)
    return post
