"""A FHIR registry that refuses or talks nonsense, in FHIR: what each comes to."""

from collections.abc import Iterator

import orjson
import pytest
from fakes.fhir_server import FhirServer, Reply
from fhir_ana import ANA, DOSES, PATIENTS, PERSONAL, RECORD, dose_of, linked, outcome, page, told
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
    iis = FhirIIS(FhirAddress.parse(registry.url), timeout=10)
    yield iis
    iis.close()


@pytest.mark.parametrize("route", ["GET metadata", PATIENTS, DOSES])
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(400, outcome("error", "invalid", "processing")), r"HTTP 400 \(invalid, processing\)$"),
        (Reply(401, outcome("error", "login")), r"HTTP 401 \(login\): it wants to know who asks"),
        (Reply(403, outcome("error", "forbidden")), r"HTTP 403 \(forbidden\): this client may not"),
        (Reply(418, outcome("error", "Reyes")), r"HTTP 418$"),
        (Reply(200, {"resourceType": "Basic", "id": "Ana Reyes"}), "what came is no|no CapabilityStatement"),
        (Reply(200, outcome("fatal", "processing", "Ana")), r"OperationOutcome .*\(processing\)$"),
    ],
    ids=["400", "401", "403", "a code of its own", "another resource", "a fatal outcome"],
)
def test_a_refusal_says_what_it_is_and_nothing_of_the_person(iis, registry, route, reply, said):
    registry.always(route, reply)

    with pytest.raises(IISRejected, match=said) as raised:
        iis.find(ANA)

    assert not [word for word in PERSONAL if word in told(raised.value)]
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize("code", ["transient", "lock-error", "timeout", "throttled"])
@pytest.mark.parametrize("status", [200, 400, 404])
def test_a_refusal_for_now_is_no_refusal(iis, registry, status, code):
    registry.always(DOSES, Reply(status, outcome("error", code)))

    with pytest.raises(IISUnavailable, match=rf"\({code}\)"):
        iis.find(ANA)


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
quickly = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


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
    bundle = page(resource, url="Immunization?_page=2").body
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
