"""Every route carries every header that protects, with each status that it gives; a new route must be entered here."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pytest
from conftest import ACCOUNT_SID, ANA, Clock, Phone, RecordedJobs, signed, whole_system
from flask.testing import FlaskClient
from test_record_page import link_of
from werkzeug.test import TestResponse

from bot.store.connect import connect
from bot.store.links import RedisLinks, new_token
from bot.web.site import HEADERS, HTTPS
from bot.wiring import System, build_app, outbox_path

STRICT = {**HEADERS, **HTTPS}
SMS = {"MessageSid": "SM" + "0" * 32, "AccountSid": ACCOUNT_SID, "From": ANA, "Body": "Hi"}
STATUS = {**SMS, "MessageStatus": "delivered"}
ENDINGS = {"picture": "/1[.]png", "pdf": "/record[.]pdf", "file": "[.]smart-health-card"}
STAFF = ("staff", "a password of staff")
PAGE = {"Content-Security-Policy": "default-src 'none'; style-src 'sha256-"}
OTHERS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
KEYS = {**OTHERS, "Cache-Control": "public"}
PICTURE = {"Cross-Origin-Resource-Policy": "cross-origin"}


@dataclass(frozen=True)
class Case:
    """`differs`: how a header begins where it is not the usual one."""

    rule: str
    status: int
    path: str = ""
    method: str = "GET"
    form: Mapping[str, str] | None = None
    is_signed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    differs: Mapping[str, str] = field(default_factory=dict)
    json: object = None

    def __str__(self) -> str:
        return f"{self.method} {self.path or self.rule} {self.status}"


def twilio(rule: str, path: str, form: Mapping[str, str]) -> list[Case]:
    return [
        Case(rule, 200, path, "POST", form, is_signed=True),
        Case(rule, 400, f"{path}?x=1", "POST", form, is_signed=True),
        Case(rule, 403, path, "POST", form),
        Case(rule, 413, path, "POST", {"Body": "x" * 70_000}),
        Case(rule, 415, path, "POST", json={}),
    ]


CASES = [
    *twilio("/twilio/sms", "/twilio/sms", SMS),
    *twilio("/twilio/fallback", "/twilio/fallback", SMS),
    *twilio("/twilio/status/<delivery_id>", f"/twilio/status/{'a' * 24}", STATUS),
    Case("/r/<token>", 200, "/r/{token}", differs=PAGE),
    Case("/r/<token>", 404, "/r/nothing", differs=PAGE),
    Case("/r/<token>", 404, "/r/nothing", "POST", {"pin": "4821"}, differs=PAGE),
    Case("/r/<token>", 422, "/r/{token}", "POST", {"pin": "x"}, differs=PAGE),
    Case("/r/<token>", 403, "/r/{token}", "POST", {"pin": "9999"}, differs=PAGE),
    Case("/r/<token>", 200, "/r/{token}", "POST", {"pin": "4821"}, differs=PAGE),
    Case("/r/<path:token>", 302, "/r/{token}."),
    Case("/r/<path:token>", 404, "/r/nothing/at/all", differs=PAGE),
    Case("/r//<path:token>", 302, "/r//{token}"),
    Case("/r//<path:token>", 404, "/r//nothing", differs=PAGE),
    Case("/R/<path:token>", 302, "/R/{token}"),
    Case("/R/<path:token>", 404, "/R/nothing", differs=PAGE),
    Case("/r/<token>", 413, "/r/{token}", "POST", {"pin": "1" * 70_000}),
    Case("/m/<token>/<int:number>.png", 200, "{picture}"),
    Case("/m/<token>/<int:number>.png", 404, "/m/nothing/1.png"),
    Case("/m/<token>/record.pdf", 200, "{pdf}"),
    Case("/m/<token>/record.pdf", 404, "/m/nothing/record.pdf"),
    Case("/m/<token>.<suffix>", 200, "{file}", differs=PICTURE),
    Case("/m/<token>.<suffix>", 404, "/m/nothing.png"),
    Case("/page.css", 200),
    Case(
        "/verify",
        200,
        differs={
            "Content-Security-Policy": "default-src 'none'; script-src 'self'",
            "Permissions-Policy": "camera=(self)",
        },
    ),
    Case("/verify/trust.json", 200, differs={"Cache-Control": "no-cache"}),
    Case("/verify/trust.json", 304, headers={"If-None-Match": "*"}, differs={"Cache-Control": "no-cache"}),
    Case("/verify/vaccines.json", 200),
    Case("/.well-known/jwks.json", 200, differs=KEYS),
    Case("/.well-known/jwks.json", 304, headers={"If-None-Match": "*"}, differs=KEYS),
    Case("/.well-known/crl/<kid>.json", 200, "/.well-known/crl/{kid}.json", differs=KEYS),
    Case("/.well-known/crl/<kid>.json", 404, "/.well-known/crl/nothing.json", differs=OTHERS),
    Case("/.well-known/security.txt", 200),
    Case("/livez", 200),
    Case("/readyz", 200),
    Case("/metrics", 404),
    Case(
        "/staff/funnel",
        200,
        headers={"Authorization": "{staff}"},
        differs={"Content-Security-Policy": "default-src 'none'; style-src"},
    ),
    Case("/staff/funnel", 401),
    Case("/staff/funnel.csv", 200, headers={"Authorization": "{staff}"}),
    Case("/staff/funnel.csv", 401),
    Case("/phone", 200, differs={"Content-Security-Policy": "default-src 'none'; script-src 'self'"}),
    Case("/phone/text", 200, method="POST", json={"from": ANA, "body": "Hi"}),
    Case("/phone/text", 400, method="POST", json=[]),
    Case("/phone/text", 415, method="POST", form={}),
    Case("/phone/messages", 200),
    Case("/phone/transcript", 400, method="POST", json={"from": "x"}),
    Case("/phone/transcript", 409, method="POST", json={"from": ANA, "events": []}),
    Case("/static/<path:filename>", 200, "/static/phone.js", differs={"Cache-Control": "no-cache"}),
    Case(
        "/static/<path:filename>",
        304,
        "/static/phone.js",
        headers={"If-None-Match": "*"},
        differs={"Cache-Control": "no-cache"},
    ),
    Case(
        "/static/<path:filename>",
        206,
        "/static/phone.js",
        headers={"Range": "bytes=0-1"},
        differs={"Cache-Control": "no-cache"},
    ),
    Case("/static/<path:filename>", 404, "/static/nothing"),
    Case("", 404, "/nothing"),
    Case("", 404, "/"),
]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
AWAY = "redis://127.0.0.1:1/0"  # nobody listens there


@pytest.fixture(scope="module")
def system(redis_url: str, iis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    more: dict[str, object] = {"funnel_password": STAFF[1], "security_contact": "mailto:security@health.example.gov"}
    with whole_system(redis_url, iis_url, tmp_path_factory.mktemp("headers"), Clock(), more) as built:
        yield built


@pytest.fixture(scope="module")
def client(system: System) -> FlaskClient:
    return build_app(system).test_client()


@pytest.fixture(scope="module")
def known(system: System, client: FlaskClient) -> dict[str, str]:
    """What stands for the blanks of a path: a link that works, and the addresses on the page that it opens."""
    phone = Phone(client, outbox_path(system.settings))
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "link")
    assert isinstance(system.services.jobs, RecordedJobs)
    system.services.jobs.work()
    link = link_of(phone)
    page = client.post(link, data={"pin": "4821"}).text
    found = {name: re.search(rf'/m/[a-z2-7]+{end}(?=")', page) for name, end in ENDINGS.items()}
    addresses = {name: match[0] for name, match in found.items() if match}
    kid = client.get("/.well-known/jwks.json").get_json()["keys"][0]["kid"]
    staff = base64.b64encode(":".join(STAFF).encode()).decode()
    return {**addresses, "token": link.removeprefix("/r/"), "kid": kid, "staff": f"Basic {staff}"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_answer_carries_every_header(case: Case, client: FlaskClient, known: dict[str, str]) -> None:
    path = (case.path or case.rule).format(**known)
    form = dict(case.form) if case.form else None
    signature = signed(path, form or {}) if case.is_signed else {}
    headers = {**{name: value.format(**known) for name, value in case.headers.items()}, **signature}

    answer = client.open(path, method=case.method, data=form, json=case.json, headers=headers)

    answer.close()  # or a file stays open
    assert answer.status_code == case.status
    _protects(answer, case.differs)


def test_every_route_is_in_the_table(client: FlaskClient) -> None:
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}

    assert rules == {case.rule for case in CASES if case.rule}


def test_no_method_on_any_route_breaks_or_goes_without_headers(client: FlaskClient) -> None:
    for rule in client.application.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        for method in METHODS:
            answer = client.open(path, method=method)
            answer.close()

            assert answer.status_code < 500, (method, path)
            assert STRICT.keys() <= {name for name, _ in answer.headers}, (method, path)


def test_an_answer_without_redis_carries_every_header(system: System) -> None:
    known = system.services.links
    assert isinstance(known, RedisLinks)
    links = RedisLinks(connect(AWAY), known.peppers, known.wrong_pins, known.audit)
    away = build_app(replace(system, services=replace(system.services, links=links))).test_client()

    answer = away.get(f"/r/{new_token()}")

    assert answer.status_code == 503
    _protects(answer, {})


def test_a_fault_of_ours_carries_every_header_and_says_nothing(system: System) -> None:
    class Broken:
        def language(self, token: str) -> str:
            raise ValueError("Reyes 4821")

    broken = build_app(replace(system, services=replace(system.services, links=Broken()))).test_client()

    answer = broken.get(f"/r/{new_token()}")

    assert answer.status_code == 500
    assert "Reyes" not in answer.text
    _protects(answer, {})


def _protects(answer: TestResponse, differs: Mapping[str, str]) -> None:
    for name, usual in STRICT.items():
        (value,) = answer.headers.getlist(name)
        assert value.startswith(differs[name]) if name in differs else value == usual, name
    assert "Set-Cookie" not in answer.headers
    assert "Server" not in answer.headers
