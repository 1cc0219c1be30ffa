"""A resident's request while a FHIR registry shows something else than FHIR: it is kept, and then she gets her link."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from conftest import Clock, Phone, RecordedJobs
from fakes.fhir_server import FhirServer, Reply
from fhir_ana import PATIENTS, RECORD, outcome

from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.iis import FhirIIS
from bot.iis.resilient import Patience, ResilientIIS

ASKED = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
HTML = b"<html>Back soon</html>"
MINUTE = 60


@pytest.fixture
def registry(jobs: RecordedJobs, clock: Clock) -> Iterator[FhirServer]:
    """The registry that the worker asks; it holds Ana."""
    with FhirServer([RECORD]) as server:
        iis = ResilientIIS(FhirIIS(FhirAddress.parse(server.url)), Patience(), now=clock)
        assert jobs.services
        jobs.services = replace(jobs.services, iis=iis)
        yield server
        iis.close()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, HTML),
        Reply(302, headers=(("Location", "/maintenance"),)),
        Reply(403, HTML),
        Reply(404, HTML),
        Reply(405, HTML),
        Reply(503, HTML, (("Retry-After", "300"),)),
    ],
    ids=lambda reply: str(reply.status),
)
def test_a_request_that_met_a_page_of_maintenance_is_kept_and_answered(
    phone: Phone, jobs: RecordedJobs, clock: Clock, registry: FhirServer, reply: Reply
) -> None:
    registry.always(PATIENTS, reply)
    phone.text(*ASKED)

    for minutes in (0, 2, 50):
        clock.wait(minutes * MINUTE)
        jobs.work()
    registry.forget()
    clock.wait(7 * MINUTE)
    jobs.work()

    delayed, link = phone.received()
    assert str(delayed["body"]).startswith("The vaccine registry does not answer right now.")
    assert "/r/" in str(link["body"])
    assert registry.requests("GET Patient") == []


def test_a_registry_that_refuses_her_question_is_not_asked_again(
    phone: Phone, jobs: RecordedJobs, clock: Clock, registry: FhirServer
) -> None:
    registry.always(PATIENTS, Reply(403, outcome("error", "suppressed")))
    phone.text(*ASKED)

    for _ in range(2):
        jobs.work()
        clock.wait(MINUTE)

    (sorry,) = phone.received()
    assert str(sorry["body"]).startswith("Sorry, we cannot look up records now.")
    assert len(registry.requests(PATIENTS)) == 1


def test_a_registry_that_refuses_us_costs_nobody_her_request(
    phone: Phone, jobs: RecordedJobs, clock: Clock, registry: FhirServer
) -> None:
    registry.always(PATIENTS, Reply(403, outcome("error", "forbidden")))
    phone.text(*ASKED)

    for minutes in (0, 2, 3):
        clock.wait(minutes * MINUTE)
        jobs.work()
    tries = len(registry.requests(PATIENTS))
    registry.forget()
    clock.wait(10 * MINUTE)
    jobs.work()

    delayed, link = phone.received()
    assert tries == 2
    assert str(delayed["body"]).startswith("The vaccine registry does not answer right now.")
    assert "/r/" in str(link["body"])
