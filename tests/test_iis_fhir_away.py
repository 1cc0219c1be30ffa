"""A FHIR registry that is away: pages of maintenance, time, TLS, connections. Whoever asks keeps her place."""

import gzip
import ssl
import time
from collections.abc import Iterator

import pytest
from fakes.certificate import make_certificate
from fakes.fhir_server import HANG_UP, SILENCE, FhirServer, Reply
from fhir_ana import ANA, DOSES, PATIENTS, PERSONAL, RECORD, dose_of, linked, outcome, told

from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.iis import FhirIIS
from bot.ports import IISUnavailable

HTML = b"<html>Back soon, Ana Reyes</html>"
PAGE = "a page and no FHIR; it is under maintenance, or something before it keeps us out, or the address in IIS_URL"
EVERYWHERE = ["GET metadata", PATIENTS, DOSES]


@pytest.fixture
def registry() -> Iterator[FhirServer]:
    """A registry that holds Ana, with one dose."""
    with FhirServer([RECORD]) as server:
        yield server


@pytest.fixture
def iis(registry: FhirServer) -> Iterator[FhirIIS]:
    iis = FhirIIS(FhirAddress.parse(registry.url), timeout=10)
    yield iis
    iis.close()


@pytest.fixture
def hasty(registry: FhirServer) -> Iterator[FhirIIS]:
    """One that waits a fifth of a second for the whole answer."""
    iis = FhirIIS(FhirAddress.parse(registry.url), timeout=0.2)
    yield iis
    iis.close()


@pytest.mark.parametrize("route", EVERYWHERE)
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(200, HTML), f"HTTP 200: {PAGE}"),
        (Reply(200, b""), f"HTTP 200: {PAGE}"),
        (Reply(200, {"message": "Ana Reyes"}), f"HTTP 200: {PAGE}"),
        (Reply(200, []), f"HTTP 200: {PAGE}"),
        (Reply(200, b'{"resourceType": "Bundle"'), f"HTTP 200: {PAGE}"),
        (Reply(200, b"\xff\xfe"), f"HTTP 200: {PAGE}"),
        (Reply(200, b"[" * 100_000), f"HTTP 200: {PAGE}"),
        (Reply(200, gzip.compress(HTML), (("Content-Encoding", "gzip"),)), "what came is packed"),
        (Reply(503, gzip.compress(HTML), (("Content-Encoding", "gzip"),)), "HTTP 503: it is out of order"),
        (Reply(200, b" " * (8 * 2**20 + 1)), "longer than 8 MB"),
        (Reply(204), f"HTTP 204: {PAGE}"),
        (Reply(401, HTML), "HTTP 401: it wants to know who asks"),
        (Reply(403, HTML), f"HTTP 403: {PAGE}"),
        (Reply(404, HTML), f"HTTP 404: {PAGE}"),
        (Reply(404, {"resourceType": "Basic"}), f"HTTP 404: {PAGE}"),
        (Reply(405), f"HTTP 405: {PAGE}"),
        (Reply(410), f"HTTP 410: {PAGE}"),
        (Reply(418, {"issue": [7, {"code": ["Ana"]}, {"code": "Reyes"}]}), f"HTTP 418: {PAGE}"),
        (Reply(408), "HTTP 408: it is out of order or under maintenance"),
        (Reply(429, outcome("error", "throttled")), r"HTTP 429 \(throttled\): it asks for fewer questions"),
        (Reply(500, outcome("error", "processing")), r"HTTP 500 \(processing\): it is out of order"),
        (Reply(501), f"HTTP 501: ({PAGE}|it is out of order)"),
        (Reply(502, HTML), "HTTP 502: it is out of order"),
        (Reply(503, outcome("error", "transient", "Ana Reyes")), r"HTTP 503 \(transient\): it is out of order"),
        (HANG_UP, "broke off"),
    ],
    ids=[
        "a page",
        "nothing",
        "JSON of a gateway",
        "a list",
        "cut off",
        "no text",
        "nested for ever",
        "gzip",
        "503 in gzip",
        "8 MB of spaces",
        "204",
        "401",
        "403",
        "404",
        "404 with a resource",
        "405",
        "410",
        "418",
        "408",
        "429",
        "500",
        "501",
        "502",
        "503",
        "hung up",
    ],
)
def test_what_the_registry_itself_did_not_say_goes_away_again(iis, registry, route, reply, said):
    registry.always(route, reply)

    with pytest.raises(IISUnavailable, match=said) as raised:
        iis.find(ANA)

    assert not [word for word in PERSONAL if word in told(raised.value)]
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize("where", ["http://127.0.0.1:1/fhir", "/fhir/elsewhere"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(iis, registry, status, where):
    registry.always(DOSES, Reply(status, headers=(("Location", where),)))

    with pytest.raises(
        IISUnavailable, match=rf"HTTP {status}: it has moved, or shows a page of maintenance; if .* IIS_URL"
    ):
        iis.find(ANA)

    assert len(registry.asked) == 4


def test_a_page_in_place_of_the_record_that_stands_does_not_make_her_nobody(iis, registry):
    registry.resources[:] = [linked("replaced-by")]
    registry.always("GET Patient/p2", Reply(404, HTML))

    with pytest.raises(IISUnavailable, match=f"Patient read: HTTP 404: {PAGE}"):
        iis.find(ANA)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_page_in_place_of_a_match_does_not_mean_that_there_is_no_match(registry, iis, status):
    registry.mode = "match"
    registry.always("POST Patient/$match", Reply(status, HTML))

    with pytest.raises(IISUnavailable, match=rf"Patient \$match: HTTP {status}"):
        iis.find(ANA)

    assert registry.requests(PATIENTS) == []


@pytest.mark.parametrize("route", EVERYWHERE)
@pytest.mark.parametrize("status", [429, 503, 302, 403])
def test_when_it_says_when_to_come_back_the_caller_hears_it(iis, registry, route, status):
    registry.always(route, Reply(status, HTML, (("Retry-After", "120"),)))

    with pytest.raises(IISUnavailable) as raised:
        iis.find(ANA)

    assert raised.value.retry_after == 120


def test_where_it_does_not_say_when_nothing_is_made_up(iis, registry):
    registry.always(DOSES, Reply(503))

    with pytest.raises(IISUnavailable) as raised:
        iis.find(ANA)

    assert raised.value.retry_after is None


@pytest.mark.parametrize("route", EVERYWHERE)
@pytest.mark.parametrize("silent", [SILENCE, Reply(drips="head"), Reply(drips="body")], ids=["silence", "head", "body"])
def test_a_server_that_never_ends_its_answer_is_left_in_time(hasty, registry, route, silent):
    registry.always(route, silent)
    began = time.monotonic()

    with pytest.raises(IISUnavailable, match="in time"):
        hasty.find(ANA)

    assert time.monotonic() - began < 5


def test_a_whole_lookup_ends_within_one_timeout(registry):
    """Four answers, each of which comes in time; all of them do not."""
    registry.delay = 0.4
    iis = FhirIIS(FhirAddress.parse(registry.url), timeout=1.0)
    began = time.monotonic()

    with pytest.raises(IISUnavailable, match="in time"):
        iis.find(ANA)

    assert time.monotonic() - began < 3
    iis.close()


def test_many_slow_pages_together_end_in_time(hasty, registry):
    registry.page = 1
    registry.delay = 0.02
    registry.resources += [dose_of(number=number) for number in range(1, 15)]

    with pytest.raises(IISUnavailable, match="in time"):
        hasty.find(ANA)


def test_what_was_learned_before_the_time_was_over_serves_the_next_try(registry):
    registry.reply(PATIENTS, SILENCE)
    iis = FhirIIS(FhirAddress.parse(registry.url), timeout=1.0)
    with pytest.raises(IISUnavailable, match="in time"):
        iis.find(ANA)

    assert iis.find(ANA) == RECORD

    assert len(registry.requests("GET metadata")) == 1
    iis.close()


def test_nobody_at_the_port_is_said():
    iis = FhirIIS(FhirAddress.parse("fhir+http://127.0.0.1:1/fhir"))

    with pytest.raises(IISUnavailable, match=r"no connection to 127.0.0.1: nobody listens at this port: check"):
        iis.ping()

    iis.close()


def test_no_such_host_is_said():
    iis = FhirIIS(FhirAddress.parse("fhir+https://iis.invalid/fhir"))

    with pytest.raises(IISUnavailable, match=r"iis.invalid: no such host is known: check its name in IIS_URL"):
        iis.ping()

    iis.close()


def test_a_server_without_tls_is_said(registry):
    iis = FhirIIS(FhirAddress.parse(registry.url.replace("fhir+http:", "fhir+https:")), timeout=2)

    with pytest.raises(IISUnavailable, match=r"does not speak TLS|broke off|in time"):
        iis.ping()

    iis.close()


def test_a_certificate_of_an_authority_that_we_trust_is_accepted(tmp_path, monkeypatch):
    certificate, tls = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with FhirServer([RECORD], tls=tls) as registry:
        iis = FhirIIS(FhirAddress.parse(registry.url))
        assert iis.find(ANA) == RECORD
        iis.close()


def test_a_certificate_that_nobody_vouches_for_is_said(tmp_path):
    _, tls = make_certificate(tmp_path)

    with FhirServer([RECORD], tls=tls) as registry:
        iis = FhirIIS(FhirAddress.parse(registry.url))
        with pytest.raises(IISUnavailable, match=r"127.0.0.1: its certificate is not valid .*: check the host"):
            iis.find(ANA)
        iis.close()

    assert registry.asked == []


def test_a_registry_that_wants_a_certificate_of_ours_says_so(tmp_path, monkeypatch):
    certificate, tls = make_certificate(tmp_path)
    tls.verify_mode = ssl.CERT_REQUIRED
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with FhirServer([RECORD], tls=tls) as registry:
        iis = FhirIIS(FhirAddress.parse(registry.url))
        with pytest.raises(
            IISUnavailable, match=r"it asks for a certificate of ours: .* IIS_CLIENT_CERT and IIS_CLIENT_KEY"
        ):
            iis.find(ANA)
        iis.close()

    assert registry.asked == []


def test_the_registry_is_asked_directly_whatever_proxies_the_environment_names(registry, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    iis = FhirIIS(FhirAddress.parse(registry.url))

    assert iis.find(ANA) == RECORD
    iis.close()


def test_a_registry_comes_back(iis, registry):
    registry.reply("GET metadata", HANG_UP)
    registry.reply(PATIENTS, Reply(503))

    for _ in range(2):
        with pytest.raises(IISUnavailable):
            iis.find(ANA)

    assert iis.find(ANA) == RECORD


def test_a_ping_asks_the_server_each_time(iis, registry):
    iis.ping()
    registry.always("GET metadata", Reply(503))

    with pytest.raises(IISUnavailable, match="/metadata: HTTP 503"):
        iis.ping()
