"""Where a FHIR registry is, as IIS_URL says it."""

import pytest

from bot.iis.fhir.address import SCOPE, FhirAddress, is_safe


def test_an_address_without_a_client_asks_without_a_token():
    address = FhirAddress.parse("fhir+https://iis.example.org/r4/")

    assert (address.base, address.client_id, address.secret) == ("https://iis.example.org/r4", "", "")


def test_a_client_a_secret_a_scope_and_a_token_end_point_are_read():
    address = FhirAddress.parse(
        "fhir+http://vax%40text:s%3Acret%2F@127.0.0.1:8080/fhir?scope=system/*.rs&token=http://127.0.0.1/token"
    )

    assert address.base == "http://127.0.0.1:8080/fhir"
    assert (address.client_id, address.secret) == ("vax@text", "s:cret/")
    assert (address.scope, address.token_url) == ("system/*.rs", "http://127.0.0.1/token")


def test_searches_by_get_are_for_the_operator_to_allow():
    assert FhirAddress.parse("fhir+https://iis.example.org/r4?search=get").by_get
    assert not FhirAddress.parse("fhir+https://iis.example.org/r4").by_get


def test_patients_and_immunizations_are_all_that_we_ask_for_by_default():
    assert FhirAddress.parse("fhir+https://me@iis.example.org/").scope == SCOPE
    assert SCOPE == "system/Patient.rs system/Immunization.rs"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://me:hunter2@iis.example.org/fhir",
        "fhir://me:hunter2@iis.example.org/fhir",
        "fhir+https:///fhir",
        "fhir+https://me:hunter2@/fhir",
        "fhir+https://me:hunter2@iis.example.org:hunter2/fhir",
        "fhir+https://me:hunter2@iis.example.org:0/fhir",
        "fhir+https://me:hunter2@[iis/fhir",
        "fhir+https://:hunter2@iis.example.org/fhir",
        "fhir+https://me:hunter2@iis.example.org/fhir?scope=",
        "fhir+https://me:hunter2@iis.example.org/fhir?scope=a%0Ab",
        "fhir+https://me:hunter2@iis.example.org/fhir?key=hunter2",
        "fhir+https://me:hunter2@iis.example.org/fhir?search=",
        "fhir+https://me:hunter2@iis.example.org/fhir?search=hunter2",
        "fhir+https://me:hunter2@iis.example.org/fhir?search=get&search=hunter2",
        "fhir+https://me:hunter2@iis.example.org/fhir#hunter2",
        "fhir+https://me:hunter2@iis.example.org/fhir?token=http://auth.example.org/hunter2",
        "fhir+https://me:hunter2@iis.example.org/fhir?token=hunter2",
    ],
)
def test_a_wrong_address_is_refused_with_the_fix_and_without_the_secret(url):
    with pytest.raises(ValueError, match=r"write fhir\+https://|\?scope=|\?token=") as refused:
        FhirAddress.parse(url)

    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_no_secret_is_printed():
    address = FhirAddress.parse("fhir+https://me:hunter2@iis.example.org/fhir?token=https://auth.example.org/t")

    assert repr(address) == "FhirAddress(https://iis.example.org/fhir)"
    assert f"{address}" == repr(address)


@pytest.mark.parametrize(
    ("url", "base", "safe"),
    [
        ("https://auth.example.org/token", "https://iis.example.org", True),
        ("http://auth.example.org/token", "https://iis.example.org", False),
        ("http://127.0.0.1/token", "http://127.0.0.1/fhir", True),
        ("file:///etc/passwd", "http://127.0.0.1/fhir", False),
        ("https://me:you@auth.example.org/token", "https://iis.example.org", False),
        ("https://", "https://iis.example.org", False),
        ("https://auth.example.org:token/", "https://iis.example.org", False),
    ],
)
def test_secrets_go_only_where_they_are_hidden(url, base, safe):
    assert is_safe(url, base) is safe
