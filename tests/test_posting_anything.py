"""Every route gets garbage of every kind, and none breaks, gives back what it got, or goes without its headers."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from anything import bodies
from conftest import Clock, signed, whole_system
from flask.testing import FlaskClient
from forged_posts import form
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.store.links import new_token
from bot.web.site import HEADERS, HTTPS
from bot.wiring import System, build_app

MARK = "<i>{{7*7}}'\"><x y=z>"  # must come back from nowhere as it is
FORM = "application/x-www-form-urlencoded"
KINDS = [
    FORM,
    "application/json",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/xml",
    "",
    "a/b; c=\x00",
]
TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.just(MARK)
    | st.just("9" * 5000)
    | st.just("\x00")
)
LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60) | st.just(MARK)
VALUES: dict[str, list[str]] = {
    "Accept-Language": ["zh-TW", "en-@x", "*;q=nan", "x" * 3000, "i-klingon", MARK],
    "Authorization": ["Basic", "Basic Og==", "Basic /w==", "Basic é", "Bearer x", "Digest username=x", MARK],
    "If-None-Match": ["*", 'W/"', '"x', MARK],
    "If-Modified-Since": ["x", "Sun, 99 Foo 9999 99:99:99 GMT", "0"],
    "Range": ["bytes=0-", "bytes=5-1", "bytes=-0", "bytes=" + "9" * 5000 + "-", "x=1-2,3-4"],
    "Host": ["", "[::1", "a:b:c", "evil.example", MARK, "x" * 300],
    "Cookie": ["session=x", ";;;=", MARK],
    "User-Agent": ["iPhone", MARK],
    "X-Twilio-Signature": ["x", "é", MARK],
    "X-HTTP-Method-Override": ["DELETE"],
    "Content-Length": ["x", "-1", "9" * 30],
    "Transfer-Encoding": ["chunked", "x"],
    "Origin": ["null", "https://evil.example", MARK],
    "Referer": [MARK],
    "Expect": ["100-continue", "x"],
}
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["from", "events", "at", "to", "body"]), inner)
    ),
    max_leaves=8,
)
ANA = "+13605550100"


@st.composite
def headers(draw: st.DrawFn) -> list[tuple[str, str]]:
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=4))
    return [(name, draw(st.sampled_from(VALUES[name]) | LATIN)) for name in names]


@pytest.fixture(scope="module")
def system(redis_url: str, iis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    more: dict[str, object] = {"funnel_password": "a password of staff"}
    with whole_system(redis_url, iis_url, tmp_path_factory.mktemp("anything"), Clock(), more) as built:
        yield built


@pytest.fixture(scope="module")
def client(system: System) -> FlaskClient:
    return build_app(system).test_client()


def judge(client: FlaskClient, path: str, **request: Any) -> int:
    answer = client.open(path, **request)
    try:
        assert answer.status_code < 500, (path, request)
        assert {*HEADERS, *HTTPS} <= {name for name, _ in answer.headers}
        assert MARK not in answer.get_data(as_text=True)
        assert MARK not in str(answer.headers)
        return answer.status_code
    finally:
        answer.close()


@given(st.data())
def test_no_route_breaks_whatever_is_sent(client: FlaskClient, data: st.DataObject) -> None:
    rules = sorted(rule.rule for rule in client.application.url_map.iter_rules())
    path = data.draw(st.sampled_from([*rules, "/<token>", "/r/<token>/<token>", "/.well-known/<token>"]))
    for blank in ("<token>", "<int:number>", "<suffix>", "<delivery_id>", "<kid>", "<path:filename>"):
        piece = data.draw(TEXTS | st.builds(new_token) | st.sampled_from(["..", "%2e%2e%2f", "%ff", "0", "a.png"]))
        path = path.replace(blank, piece if "%" in piece else quote(piece, safe=data.draw(st.sampled_from(["", "/."]))))
    query = data.draw(st.dictionaries(st.sampled_from(["language", "days", "after", "pin", "x"]), TEXTS, max_size=3))
    body = data.draw(st.binary(max_size=80) | st.just(b"--x\r\n\r\n") | st.just(f"pin={MARK}&pin=1".encode()))
    kind = data.draw(st.sampled_from(KINDS) | LATIN)

    judge(
        client,
        path,
        method=data.draw(METHODS),
        query_string=query,
        data=body,
        content_type=kind,
        headers=data.draw(headers()),
    )


@given(
    st.dictionaries(
        st.sampled_from([*form("sms"), "OptOutType", "MessagingServiceSid", "ErrorCode", "x"]), bodies | TEXTS
    )
)
def test_no_signed_text_breaks_whatever_its_fields_hold(client: FlaskClient, fields: dict[str, str]) -> None:
    for route in ("/twilio/sms", "/twilio/fallback"):
        given_form = {**form("sms"), **{name: _deliverable(value) for name, value in fields.items()}}

        status = judge(client, route, method="POST", data=given_form, headers=signed(route, given_form))

        assert status in (200, 400, 413)


@given(
    st.dictionaries(st.sampled_from([*form("status"), "ErrorCode", "x"]), bodies | TEXTS),
    st.from_regex("[0-9a-f]{24}") | TEXTS,
)
def test_no_signed_report_breaks_whatever_its_fields_hold(
    client: FlaskClient, fields: dict[str, str], delivery_id: str
) -> None:
    given_form = {**form("status"), **{name: _deliverable(value) for name, value in fields.items()}}
    path = f"/twilio/status/{delivery_id}"

    status = judge(client, quote(path), method="POST", data=given_form, headers=signed(path, given_form))

    assert status in (200, 400, 403, 404, 405, 413)


@given(JSON | st.fixed_dictionaries({"from": st.just(ANA), "body": JSON}))
@example({"from": ANA, "body": "\ud800"})
@example([])
def test_the_phone_page_takes_no_garbage_for_a_text(client: FlaskClient, asked: object) -> None:
    judge(client, "/phone/text", method="POST", json=asked)


@given(
    JSON, st.lists(st.fixed_dictionaries({"at": JSON, "body": JSON}, optional={"reply": JSON, "to": JSON}), max_size=4)
)
@example(None, [{"at": float("nan"), "body": "x", "reply": None}])
@example(None, [{"at": 1e308, "body": "x", "to": "\ud800"}])
@example(None, [{"at": 10**400, "body": "x", "reply": "x"}])
def test_the_phone_page_saves_no_garbage(client: FlaskClient, reply: object, events: list[object]) -> None:
    hello = client.post("/phone/text", json={"from": ANA, "body": "RESTART"}).get_json()["reply"]
    asked = {"from": ANA, "person": reply, "events": [{"at": 1, "body": "restart", "reply": hello}, *events]}

    judge(client, "/phone/transcript", method="POST", json=asked)


@pytest.mark.parametrize("path", ["/phone/text", "/phone/transcript"])
@pytest.mark.parametrize("body", [b"[" * 60_000, b"null", b"1", b"\xff", b"1" * 5000, b"{", b'"\\ud800"'])
def test_json_that_is_none_of_ours_is_refused(path: str, body: bytes, client: FlaskClient) -> None:
    assert judge(client, path, method="POST", data=body, content_type="application/json") == 400


@pytest.mark.parametrize(
    "path", ["/static//phone.js", "/r//x", "/twilio//sms", "/verify//trust.json", "/livez//", "/phone/"]
)
def test_no_spelling_of_an_address_leads_to_another_host(path: str, client: FlaskClient) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})

    assert answer.status_code == 404
    assert "Location" not in answer.headers


@settings(max_examples=30)
@given(st.text("/.\\%2ef\x00", max_size=40))
def test_no_path_leads_out_of_the_static_files(client: FlaskClient, path: str) -> None:
    assert judge(client, f"/static/{path}../site.py".replace("\x00", "%00")) == 404


def _deliverable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
