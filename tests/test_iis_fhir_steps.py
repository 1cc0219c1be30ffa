"""What `vaxtext iis check` says of a FHIR registry, step by step."""

import pytest
from fakes.fhir_oauth import FakeOAuth
from fakes.fhir_server import FhirServer, Reply
from joserfc.jwk import ECKey

from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.iis import FhirIIS
from bot.ports import IISRejected, IISUnavailable

KEY = ECKey.generate_key("P-384")


class Checked:
    """A registry that asks for tokens, and the steps by which it is tried."""

    def __init__(self, registry):
        self.registry = registry
        self.iis = FhirIIS(FhirAddress.parse(registry.url), timeout=10, private_key=KEY.as_pem(private=True))

    def step(self, name):
        (step,) = (step for step in self.iis.steps() if step.name == name)
        return step.run()


@pytest.fixture
def oauth():
    return FakeOAuth("vaxtext", {"keys": [KEY.as_dict(private=False) | {"kid": KEY.thumbprint()}]})


@pytest.fixture
def checked(oauth):
    with FhirServer(oauth=oauth) as registry:
        checked = Checked(registry)
        yield checked
        checked.iis.close()


def test_the_steps_come_in_the_order_in_which_things_can_fail(checked):
    assert [step.name for step in checked.iis.steps()] == ["connect", "authenticate", "search"]


def test_asking_for_the_steps_asks_nobody(checked):
    checked.iis.steps()

    assert checked.registry.asked == []


def test_connecting_says_who_answered(checked):
    assert checked.step("connect") == f"{checked.registry.base} answers and speaks FHIR R4"


R4 = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"resourceType": "Patient"}, "no CapabilityStatement"),
        ({"resourceType": "CapabilityStatement"}, "no CapabilityStatement"),
        (R4 | {"fhirVersion": "3.0.2"}, "another FHIR than R4"),
        (R4 | {"fhirVersion": "5.0.0"}, "another FHIR than R4"),
        (R4, "does not list Patient"),
        (
            {
                "resourceType": "CapabilityStatement",
                "fhirVersion": "4.0.1",
                "rest": [{"resource": [{"type": "Patient"}]}],
            },
            "does not list Immunization",
        ),
        (R4 | {"rest": [{"mode": "client"}]}, "does not list Patient"),
    ],
)
def test_connecting_to_what_is_no_registry_of_ours_says_why(checked, statement, said):
    checked.registry.always("GET metadata", Reply(200, statement))

    with pytest.raises(IISRejected, match=said):
        checked.step("connect")


def test_a_wrong_path_is_said(checked):
    checked.registry.always("GET metadata", Reply(404, b"<html>Not Found</html>"))

    with pytest.raises(IISUnavailable, match=r"/metadata: HTTP 404: a page and no FHIR; .* the address in IIS_URL"):
        checked.step("connect")


def test_authenticating_gets_a_new_token_each_time(checked, oauth):
    assert checked.step("authenticate") == checked.step("authenticate") == "a token was given, as vaxtext"
    assert len(oauth.given) == 2


def test_authenticating_says_which_scope_was_not_granted(checked, oauth):
    oauth.scopes = frozenset({"system/Patient.rs"})

    assert checked.step("authenticate") == "a token was given, but not for system/Immunization.rs, as vaxtext"


def test_authenticating_where_nobody_asks_for_it_says_so():
    with FhirServer() as registry:
        iis = FhirIIS(FhirAddress.parse(registry.url))
        assert "no client id in IIS_URL" in iis.steps()[1].run()
        iis.close()

    assert registry.asked == []


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("match", "Patient $match and the search for Immunization are allowed"),
        ("search", "no $match here: Patient is searched by POST"),
    ],
)
def test_searching_says_how_people_are_asked_for(checked, mode, said):
    checked.registry.mode = mode

    assert said in checked.step("search")


def test_searching_by_get_says_what_that_means():
    with FhirServer() as registry:
        iis = FhirIIS(FhirAddress.parse(f"{registry.url}?search=get"))
        assert "searched by GET, which leaves names and birth dates in the logs" in iis.steps()[2].run()
        iis.close()


@pytest.mark.parametrize(
    ("reply", "error"),
    [(None, IISRejected), (Reply(405, b"<html>Not Allowed</html>"), IISUnavailable)],
    ids=["the registry", "a page"],
)
def test_searching_where_nobody_takes_a_posted_search_says_what_can_be_done(checked, reply, error):
    checked.registry.takes_posted_searches = False
    if reply:
        checked.registry.always("POST Patient/_search", reply)

    with pytest.raises(error, match=r"no search by POST.* \?search=get in IIS_URL allows .* in the logs on the way"):
        checked.step("search")


@pytest.mark.parametrize("route", ["POST Patient/_search", "GET Immunization"])
def test_searching_what_is_not_allowed_says_so(checked, route):
    checked.registry.always(route, Reply(403, {"resourceType": "OperationOutcome", "issue": [{"code": "forbidden"}]}))

    with pytest.raises(IISRejected, match=r"search: HTTP 403 \(forbidden\): this client may not do that"):
        checked.step("search")


def test_searching_by_too_little_says_so(checked):
    checked.registry.patient_parameters = ("_id", "identifier")

    with pytest.raises(IISRejected, match=r"cannot search Patient by birthdate and name or telecom"):
        checked.step("search")


@pytest.mark.parametrize("name", ["connect", "authenticate", "search"])
def test_a_server_that_is_down_is_down_for_every_step(checked, name):
    for route in ("GET metadata", "POST token"):
        checked.registry.always(route, Reply(503))

    with pytest.raises(IISUnavailable, match="HTTP 503"):
        checked.step(name)
