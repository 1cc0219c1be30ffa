"""A FHIR registry that does not let us in, whoever is asked for: after a few tries it is left in peace."""

from collections.abc import Callable

import pytest
from fakes.fhir_oauth import FakeOAuth
from fakes.fhir_server import FhirServer, Reply
from fhir_ana import ANA, DOSES, PATIENTS, RECORD, outcome

from bot.iis.breaker import Limit, State
from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.iis import FhirIIS
from bot.iis.resilient import Patience, ResilientIIS
from bot.ports import IISRejected, IISUnavailable

SECRET = FakeOAuth("vaxtext", secret="secret")
PATIENCE = Patience(failures=Limit(2, rest=15), refusals=Limit(2, rest=600))


def told(question: Callable[[], object]) -> BaseException:
    """The error that it ends with."""
    with pytest.raises((IISUnavailable, IISRejected)) as raised:
        question()
    return raised.value


def resilient(registry: FhirServer) -> ResilientIIS:
    return ResilientIIS(FhirIIS(FhirAddress.parse(registry.url), timeout=5), PATIENCE)


@pytest.mark.parametrize(
    ("route", "reply", "words"),
    [
        ("POST token", Reply(401, {"error": "invalid_client"}), "invalid_client: is this client registered"),
        ("POST token", Reply(400, {"error": "unauthorized_client"}), "unauthorized_client: ask the registry to allow"),
        ("POST token", Reply(400, {"error": "invalid_scope"}), "invalid_scope: ask the registry which scopes"),
        ("POST token", Reply(403, {"error": "account_locked"}), "HTTP 403 another error"),
        (PATIENTS, Reply(401, outcome("error", "login")), "does not take who we say we are"),
        (PATIENTS, Reply(403, outcome("error", "forbidden")), "this client may not do that"),
        (DOSES, Reply(403, outcome("error", "processing")), "this client may not do that"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.status),
)
def test_who_is_not_let_in_tries_twice_and_every_request_is_kept(route: str, reply: Reply, words: str) -> None:
    with FhirServer([RECORD], oauth=SECRET) as registry:
        iis = resilient(registry)
        registry.always(route, reply)

        errors = [told(lambda: iis.find(ANA)) for _ in range(10)]

        assert all(isinstance(error, IISUnavailable) for error in errors)
        assert all(words in str(error) for error in errors)
        times = 2 if reply.status == 401 and route != "POST token" else 1  # with a token, and with a new one
        assert len(registry.requests(route)) == 2 * times
        iis.close()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(403, outcome("error", "suppressed")),
        Reply(400, outcome("error", "invalid")),
        Reply(404, outcome("error", "not-found")),
    ],
    ids=["held back for her sake", "a strange question", "not there"],
)
def test_what_is_refused_for_one_persons_sake_closes_the_registry_to_nobody(reply: Reply) -> None:
    with FhirServer([RECORD]) as registry:
        iis = resilient(registry)
        registry.always(DOSES, reply)

        errors = [told(lambda: iis.find(ANA)) for _ in range(10)]

        assert {type(error) for error in errors} == {IISRejected}
        assert iis.state is State.CLOSED
        iis.close()


@pytest.mark.parametrize(
    ("route", "reply"),
    [
        (PATIENTS, Reply(401, b"<html>Sign in</html>")),
        (PATIENTS, Reply(403, b"<html>Forbidden</html>")),
        (PATIENTS, Reply(403, outcome("error", "throttled"))),
        ("POST token", Reply(401, b"<html>Sign in</html>")),
        ("POST token", Reply(400, {"error": "temporarily_unavailable"})),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.status} {str(value.body)[:60]}",
)
def test_what_the_registry_did_not_refuse_is_soon_tried_again(route: str, reply: Reply) -> None:
    with FhirServer([RECORD], oauth=SECRET) as registry:
        iis = resilient(registry)
        registry.always(route, reply)

        told(lambda: iis.find(ANA))

        assert "is left in peace for 15 s more" in str(told(lambda: iis.find(ANA)))
        iis.close()
