"""A FHIR registry that fails, hangs, leads astray or talks nonsense: what each comes to."""

import gzip
import time
from collections.abc import Iterator

import orjson
import pytest
from fakes.certificate import make_certificate
from fakes.fhir_resources import patient
from fakes.fhir_server import HANG_UP, SILENCE, FhirServer, Reply, searchset
from fhir_ana import ANA, DOSES, PATIENTS, PERSONAL, RECORD, dose_of, linked, outcome, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.iis.demo_people import demo_people
from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.iis import FhirIIS
from bot.ports import IISRejected, IISUnavailable


@pytest.fixture
def registry() -> Iterator[FhirServer]:
    """A registry that holds Ana, with one dose, and the others of the demo."""
    others = [person.record for person in demo_people() if person.key != "ana"]
    with FhirServer([RECORD, *others]) as server:
        yield server


@pytest.fixture
def iis(registry: FhirServer) -> Iterator[FhirIIS]:
    yield from opened(registry)


@pytest.fixture
def hasty(registry: FhirServer) -> Iterator[FhirIIS]:
    """One that waits a fifth of a second for each answer."""
    yield from opened(registry, timeout=0.2)


def opened(registry: FhirServer, timeout: float = 5.0) -> Iterator[FhirIIS]:
    iis = FhirIIS(FhirAddress.parse(registry.url), timeout=timeout)
    yield iis
    iis.close()


def page(url: object) -> Reply:
    return Reply(200, searchset([dose_of()]) | {"link": [{"relation": "self"}, {"relation": "next", "url": url}]})


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/fhir/Immunization",
        "http://localhost:{port}/fhir/Immunization",
        "https://127.0.0.1:{port}/fhir/Immunization",
        "http://127.0.0.1:{port}/fhirs/Immunization",
        "http://127.0.0.1:{port}/",
        "http://127.0.0.1:{port}/fhir/../admin",
        "http://127.0.0.1:{port}/fhir/%2e%2e/admin",
        "http://127.0.0.1:{port}/fhir/%2E%2E%2fadmin",
        "http://me:you@127.0.0.1:{port}/fhir/Immunization",
        "http://127.0.0.1:{port}@evil.example.org/fhir/Immunization",
        "//evil.example.org/fhir/Immunization",
        "/admin",
        "../admin",
        "file:///etc/passwd",
        "http://[",
        "http://127.0.0.1:x/fhir",
        "\n",
    ],
)
def test_a_next_page_elsewhere_is_never_fetched(iis, registry, url):
    port = registry.base.split(":")[2].split("/")[0]
    registry.reply(DOSES, page(url.replace("{port}", port)))

    with pytest.raises(IISRejected, match="next page is not under the address") as raised:
        iis.find(ANA)

    assert len(registry.asked) == 4
    assert "evil" not in told(raised.value)


@pytest.mark.parametrize(
    "url", ["{base}?_getpages=7", "{base}/Immunization?_page=2", "Immunization?_page=2", "?_page=2"]
)
def test_a_next_page_under_our_address_is_fetched(iis, registry, url):
    following = url.replace("{base}", registry.base)
    registry.reply(DOSES, page(following), Reply(200, searchset([dose_of(number=1)])))
    for route in ("GET ", "GET Immunization"):
        registry.always(route, Reply(200, searchset([dose_of(number=1)])))

    assert len(iis.find(ANA).immunizations) == 2


@pytest.mark.parametrize("route", [PATIENTS, DOSES])
def test_pages_that_never_end_need_somebody_to_look(iis, registry, route):
    following = {"link": [{"relation": "next", "url": f"{registry.base}/again"}]}
    registry.always(route, Reply(200, searchset([]) | following))
    registry.always("GET again", Reply(200, searchset([]) | following))

    with pytest.raises(IISRejected, match="does the registry ignore what we search by"):
        iis.find(ANA)

    assert len(registry.requests("GET again")) < 25


def test_an_answer_of_everybody_needs_somebody_to_look(iis, registry):
    everybody = searchset([patient(RECORD)] * 1001) | {"link": [{"relation": "next", "url": "Patient?_page=2"}]}
    registry.always(PATIENTS, Reply(200, everybody))

    with pytest.raises(IISRejected, match="too much to read"):
        iis.find(ANA)


@pytest.mark.parametrize("where", ["http://127.0.0.1:1/fhir", "/fhir/elsewhere"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(iis, registry, status, where):
    registry.always(DOSES, Reply(status, headers=(("Location", where),)))

    with pytest.raises(IISRejected, match=f"HTTP {status}: it has moved"):
        iis.find(ANA)

    assert len(registry.asked) == 4


@pytest.mark.parametrize("route", ["GET metadata", PATIENTS, DOSES])
@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (Reply(500), IISUnavailable, "HTTP 500"),
        (Reply(502, b"<html>Ana Reyes</html>"), IISUnavailable, "HTTP 502"),
        (Reply(503, outcome("error", "transient", "Ana Reyes")), IISUnavailable, r"HTTP 503 \(transient\)"),
        (Reply(429, outcome("error", "throttled")), IISUnavailable, r"HTTP 429 \(throttled\)"),
        (Reply(408), IISUnavailable, "HTTP 408"),
        (Reply(400, outcome("error", "lock-error")), IISUnavailable, r"HTTP 400 \(lock-error\)"),
        (HANG_UP, IISUnavailable, "broke off"),
        (Reply(400, outcome("error", "invalid", "processing")), IISRejected, r"HTTP 400 \(invalid, processing\)"),
        (Reply(401), IISRejected, "HTTP 401: it does not take who we say we are"),
        (Reply(403, outcome("error", "forbidden")), IISRejected, r"HTTP 403 \(forbidden\): this client may not"),
        (Reply(418, {"issue": [7, {"code": ["Ana"]}, {"code": "Reyes"}]}), IISRejected, "HTTP 418"),
        (Reply(200, b""), IISRejected, "no JSON"),
        (Reply(200, b"<html>Sign in, Ana Reyes</html>"), IISRejected, "no JSON"),
        (Reply(200, b'{"resourceType": "Bundle"'), IISRejected, "no JSON"),
        (Reply(200, b"\xff\xfe"), IISRejected, "no JSON"),
        (Reply(200, b"[" * 100_000), IISRejected, "no JSON"),
        (Reply(200, []), IISRejected, "no JSON object"),
        (
            Reply(200, {"resourceType": "Basic", "id": "Ana Reyes"}),
            IISRejected,
            "what came is no|no CapabilityStatement",
        ),
        (Reply(200, outcome("fatal", "processing", "Ana")), IISRejected, r"OperationOutcome .*\(processing\)"),
        (Reply(200, outcome("fatal", "timeout")), IISUnavailable, r"\(timeout\)"),
        (Reply(200, b" " * (8 * 2**20 + 1)), IISRejected, "longer than 8 MB"),
        (Reply(200, gzip.compress(b"{}"), (("Content-Encoding", "gzip"),)), IISRejected, "packs its answers"),
    ],
    ids=[
        "500",
        "502 of a proxy",
        "503",
        "429",
        "408",
        "a lock",
        "hung up",
        "400",
        "401",
        "403",
        "418",
        "nothing",
        "a login page",
        "cut off",
        "no text",
        "nested for ever",
        "a list",
        "another resource",
        "a fatal outcome",
        "a timeout behind it",
        "8 MB of spaces",
        "gzip",
    ],
)
def test_a_failure_says_what_it_is_and_nothing_of_the_person(iis, registry, route, reply, error, said):
    registry.always(route, reply)

    with pytest.raises(error, match=said) as raised:
        iis.find(ANA)

    assert not [word for word in PERSONAL if word in told(raised.value)]
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize("route", ["GET metadata", PATIENTS, DOSES])
@pytest.mark.parametrize("silent", [SILENCE, Reply(drips="head"), Reply(drips="body")], ids=["silence", "head", "body"])
def test_a_server_that_never_ends_its_answer_is_left_in_time(hasty, registry, route, silent):
    registry.always(route, silent)
    began = time.monotonic()

    with pytest.raises(IISUnavailable, match="in time"):
        hasty.find(ANA)

    assert time.monotonic() - began < 5


def test_many_slow_pages_together_end_in_time(hasty, registry):
    """Each comes in time; all of them do not."""
    registry.page = 1
    registry.delay = 0.1
    registry.resources += [dose_of(number=number) for number in range(1, 15)]

    with pytest.raises(IISUnavailable, match="in time"):
        hasty.find(ANA)


def test_nobody_at_the_port_is_said():
    iis = FhirIIS(FhirAddress.parse("fhir+http://127.0.0.1:1/fhir"))

    with pytest.raises(IISUnavailable, match=r"no connection to 127.0.0.1: nobody listens at this port"):
        iis.ping()

    iis.close()


def test_no_such_host_is_said():
    iis = FhirIIS(FhirAddress.parse("fhir+https://iis.invalid/fhir"))

    with pytest.raises(IISUnavailable, match=r"iis.invalid: no such host is known"):
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
        with pytest.raises(IISUnavailable, match=r"127.0.0.1: its certificate is not valid"):
            iis.find(ANA)
        iis.close()

    assert registry.asked == []


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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    """resourceType Bundle entry resource search mode link relation next url Patient Immunization OperationOutcome issue
    id name telecom birthDate active other reference patient vaccineCode coding rest security extension operation
    searchParam fhirVersion CapabilityStatement code type severity fatal replaced-by""".split()
)
FHIRLIKE = st.recursive(
    JSON | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=16,
)
ROUTES = st.sampled_from(["GET metadata", PATIENTS, "POST Patient/$match", DOSES])
quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def try_out(iis: FhirIIS, registry: FhirServer, route: str, body: object) -> None:
    registry.mode = "match" if "match" in route else "search"
    registry.always(route, Reply(200, body))
    found, said = None, ""
    try:
        iis.ping()  # reads what the server can, again
        found = iis.find(ANA)
    except (IISUnavailable, IISRejected) as error:
        said = told(error)
    registry.forget()
    assert found is None or found.patient_id == "p1"
    assert not [word for word in PERSONAL if word in said]


@quickly
@given(ROUTES, FHIRLIKE)
def test_any_json_at_all_is_an_answer_or_a_documented_error(iis, registry, route, body):
    try_out(iis, registry, route, body)


@quickly
@given(ROUTES, st.binary(max_size=200))
def test_any_bytes_at_all_are_an_answer_or_a_documented_error(iis, registry, route, body):
    try_out(iis, registry, route, body)


@quickly
@given(st.sampled_from([PATIENTS, "POST Patient/$match", DOSES]), st.data())
def test_a_bundle_with_anything_in_any_place_is_an_answer_or_a_documented_error(iis, registry, route, data):
    resource = dose_of() if route == DOSES else linked("replaces")
    bundle = searchset([resource]) | {"link": [{"relation": "next", "url": "Immunization?_page=2"}]}
    changed = spoiled(orjson.loads(orjson.dumps(bundle)), data)

    try_out(iis, registry, route, changed)


def spoiled(value, data):
    """The same, but for one place anywhere in it."""
    inner = range(len(value)) if isinstance(value, list) else list(value) if isinstance(value, dict) else []
    if not inner or data.draw(st.integers(0, 5)) == 0:
        return data.draw(FHIRLIKE)
    place = data.draw(st.sampled_from(inner))
    value[place] = spoiled(value[place], data)
    return value
