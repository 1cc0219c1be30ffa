"""Who finds a weakness reads at the service itself whom to tell, and nowhere an address that is nobody's."""

from datetime import UTC, datetime

import pytest
from conftest import PUBLIC_URL
from flask.testing import FlaskClient
from test_security_page import ROOT

from bot.transcripts.app import Clock
from bot.web.security_txt import PATH

MAILBOX, PAGE = "mailto:security@health.example.gov", "https://health.example.gov/weaknesses"
SAID = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


@pytest.fixture
def contact() -> str:
    return f"{MAILBOX} {PAGE}"


@pytest.fixture
def more_settings(contact: str) -> dict[str, object]:
    return {"security_contact": contact}


def test_it_names_all_contacts_the_preferred_one_first(client: FlaskClient) -> None:
    answer = client.get(PATH)

    assert answer.content_type == "text/plain; charset=utf-8"  # RFC 9116, 3
    assert [line for line in answer.text.splitlines() if line.startswith("Contact: ")] == [
        f"Contact: {MAILBOX}",
        f"Contact: {PAGE}",
    ]
    assert f"Canonical: {PUBLIC_URL}{PATH}\n" in answer.text


def test_it_is_good_for_less_than_a_year_however_long_we_run(client: FlaskClient, clock: Clock) -> None:
    """RFC 9116, 2.5.5."""
    for _ in range(3):
        (expires,) = (line[9:] for line in client.get(PATH).text.splitlines() if line.startswith("Expires: "))
        ahead = datetime.fromisoformat(expires) - datetime.fromtimestamp(clock(), UTC)

        assert 80 < ahead.days < 365
        clock.wait(200 * 24 * 3600)


@pytest.mark.parametrize("contact", [""])
def test_without_a_contact_there_is_no_such_page(client: FlaskClient) -> None:
    assert client.get(PATH).status_code == 404


def test_where_reporters_are_sent_is_where_it_is_and_no_address_is_made_up() -> None:
    assert f"`{PATH}`" in SAID
    assert "@" not in SAID
