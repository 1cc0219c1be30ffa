"""Searches over many pages: which are fetched, and when what came is not all, or nothing of what was asked for."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fakes.fhir_resources import patient
from fakes.fhir_server import FhirServer, Reply, searchset
from fhir_ana import ANA, DOSES, PATIENTS, PERSONAL, RECORD, dose_of, outcome, page, told

from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.iis import FhirIIS
from bot.ports import IISRejected


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
    registry.reply(DOSES, page(dose_of(), url=url.replace("{port}", port)))

    with pytest.raises(IISRejected, match="next page is not under the address") as raised:
        iis.find(ANA)

    assert len(registry.asked) == 4
    assert "evil" not in told(raised.value)


@pytest.mark.parametrize(
    "url", ["{base}?_getpages=7", "{base}/Immunization?_page=2", "Immunization?_page=2", "?_page=2"]
)
def test_a_next_page_under_our_address_is_fetched(iis, registry, url):
    following = url.replace("{base}", registry.base)
    registry.reply(DOSES, page(dose_of(), url=following), Reply(200, searchset([dose_of(number=1)])))
    for route in ("GET ", "GET Immunization"):
        registry.always(route, Reply(200, searchset([dose_of(number=1)])))

    assert len(iis.find(ANA).immunizations) == 2


@pytest.mark.parametrize("path", ["Patient", "Patient/_search", "Patient/$match", "Patient/%24match"])
@pytest.mark.parametrize("route", [PATIENTS, "POST Patient/$match"])
def test_a_next_page_whose_address_repeats_her_name_is_posted(iis, registry, route, path):
    registry.mode = "match" if "match" in route else "search"
    url = f"{registry.base}/{path}?birthdate:exact=1985-03-27&name=Ana,Reyes&_start=1"
    registry.reply(route, page(url=url))
    registry.reply(PATIENTS, page(patient(RECORD)))

    assert iis.find(ANA) == RECORD

    assert not [word for word in PERSONAL for line in registry.lines() if word in line]
    posted = [asked.body for asked in registry.requests(PATIENTS)]
    assert "birthdate%3Aexact=1985-03-27&name=Ana%2CReyes&_start=1" in posted


@pytest.mark.parametrize(
    "query",
    [
        "family=Reyes",
        "given:contains=Ana",
        "FAMILY=Reyes",
        "phonetic=Reyes",
        "birthdate=1985-03-27",
        "telecom=phone%7C%2B13605550100",
        "phone=3605550100",
        "resource=%7B%22name%22%3A%22Reyes%22%7D",
        "_filter=name+eq+Reyes",
        "_content=Reyes",
    ],
)
def test_whatever_may_tell_who_she_is_stands_in_no_address_of_a_next_page(iis, registry, query):
    registry.mode = "match"
    registry.reply("POST Patient/$match", page(patient(RECORD), url=f"{registry.base}/Patient/$match?{query}&page=2"))

    assert iis.find(ANA) == RECORD

    assert not [word for word in PERSONAL for line in registry.lines() if word in line]


def test_a_next_page_of_a_match_that_tells_nothing_of_her_is_fetched(iis, registry):
    registry.mode = "match"
    registry.reply("POST Patient/$match", page(url=f"{registry.base}?_getpages=7&page=2"))
    registry.reply("GET ", page(patient(RECORD)))

    assert iis.find(ANA) == RECORD


def test_where_the_operator_allows_searches_by_get_so_are_their_next_pages(registry):
    registry.takes_posted_searches = False
    registry.page = 1
    registry.resources.insert(0, patient(replace(RECORD, patient_id="n1", family="Reyes1")))
    iis = FhirIIS(FhirAddress.parse(f"{registry.url}?search=get"))

    assert iis.find(ANA) == RECORD

    assert registry.requests(PATIENTS) == []
    iis.close()


def test_of_a_server_that_repeats_our_questions_in_its_addresses_all_pages_are_read(iis, registry):
    others = [patient(replace(RECORD, patient_id=f"n{number}", family=f"Reyes{number}")) for number in range(5)]
    registry.resources[:0] = others
    registry.page = 2

    assert iis.find(ANA) == RECORD

    assert not [word for word in PERSONAL for line in registry.lines() if word in line]
    assert len(registry.requests(PATIENTS)) == 6


@pytest.mark.parametrize("route", [PATIENTS, DOSES])
def test_pages_that_never_end_need_somebody_to_look(iis, registry, route):
    following = page(url=f"{registry.base}/again")
    registry.always(route, following)
    registry.always("GET again", following)

    with pytest.raises(IISRejected, match="does the registry ignore what we search by"):
        iis.find(ANA)

    assert len(registry.requests("GET again")) < 25


def test_an_answer_of_everybody_needs_somebody_to_look(iis, registry):
    registry.always(PATIENTS, page(*[patient(RECORD)] * 1001, url="Patient?_page=2"))

    with pytest.raises(IISRejected, match="too much to read"):
        iis.find(ANA)


@pytest.mark.parametrize("link", [{"relation": "next"}, {"relation": "next", "url": 7}], ids=["none", "a number"])
def test_a_next_page_without_an_address_needs_somebody_to_look(iis, registry, link):
    registry.always(DOSES, page(dose_of(), link=[link]))

    with pytest.raises(IISRejected, match="there is a next page, but no address of it"):
        iis.find(ANA)


NOTHING = Reply(200, {"resourceType": "Bundle", "type": "searchset"})


@pytest.mark.parametrize("route", [PATIENTS, "POST Patient/$match", DOSES])
@pytest.mark.parametrize("entry", [{}, {"entry": []}, {"entry": [{"fullUrl": "urn:uuid:1"}]}], ids=str)
def test_a_registry_that_counts_somebody_and_sends_nobody_needs_somebody_to_look(iis, registry, route, entry):
    registry.mode = "match" if "match" in route else "search"
    registry.always(route, Reply(200, {**NOTHING.body, "total": 2, **entry}))

    with pytest.raises(IISRejected, match=r"(search|match): the registry counts more than it sends"):
        iis.find(ANA)


@pytest.mark.parametrize("total", [{}, {"total": 0}, {"total": None}], ids=str)
def test_an_answer_of_nothing_is_an_answer(iis, registry, total):
    registry.always(DOSES, Reply(200, {**NOTHING.body, **total}))

    assert iis.find(ANA).immunizations == ()


@pytest.mark.parametrize("route", [PATIENTS, DOSES])
def test_a_registry_that_counts_more_than_it_sends_on_all_pages_needs_somebody_to_look(iis, registry, route):
    one = patient(RECORD) if route == PATIENTS else dose_of()
    registry.reply(route, page(one, url="?_page=2", total=3))
    registry.always("GET ", page(one, total=3))

    with pytest.raises(IISRejected, match=r"counts more than it sends; ask it what it holds back from this client"):
        iis.find(ANA)


@pytest.mark.parametrize(
    ("first", "last"),
    [(2, 2), (None, None), (None, 2), (9, None), (9, 2), (1, 2), (1, 1), (0, 0), ("3", "3"), (True, True), (-1, 2.5)],
    ids=[
        "exact",
        "none",
        "only on the last",
        "only on the first",
        "an estimate until the last",
        "too few until the last",
        "of each page",
        "nothing",
        "a text",
        "a boolean",
        "no count",
    ],
)
def test_totals_that_lose_nobody_a_dose_are_borne_with(iis, registry, first, last):
    registry.reply(DOSES, page(dose_of(), url="?_page=2", total=first))
    registry.always("GET ", page(dose_of(number=1), total=last))

    assert len(iis.find(ANA).immunizations) == 2


def test_a_server_that_counts_what_it_includes_and_its_warnings_is_borne_with(iis, registry):
    bundle = searchset([dose_of(), outcome("warning", "informational")])
    bundle["entry"].append({"resource": patient(RECORD), "search": {"mode": "include"}})
    registry.always(DOSES, Reply(200, bundle | {"total": 3}))

    assert len(iis.find(ANA).immunizations) == 1


def test_match_may_count_more_people_than_the_best_that_it_sends(iis, registry):
    registry.mode = "match"
    registry.always("POST Patient/$match", page(patient(RECORD), total=50))

    assert iis.find(ANA) == RECORD


@pytest.mark.parametrize("route", [PATIENTS, "POST Patient/$match", DOSES])
@pytest.mark.parametrize("kind", ["collection", "batch-response", "history", "", None, 7])
def test_a_bundle_of_another_type_needs_somebody_to_look(iis, registry, route, kind):
    registry.mode = "match" if "match" in route else "search"
    registry.always(route, page(dose_of() if route == DOSES else patient(RECORD), type=kind))

    with pytest.raises(IISRejected, match="what came is no Bundle of the type searchset"):
        iis.find(ANA)


@pytest.mark.parametrize("entry", [{}, "entry", 7], ids=str)
def test_entries_that_are_no_list_need_somebody_to_look(iis, registry, entry):
    registry.always(DOSES, page(entry=entry))

    with pytest.raises(IISRejected, match="entries are no list"):
        iis.find(ANA)
