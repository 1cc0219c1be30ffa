"""`vaxtext twilio doctor` and `configure`: what is set at Twilio, what we need, and what to change."""

from collections.abc import Iterator

import pytest
from conftest import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER
from doctor import RETRIES, Site, serving, to_change, words
from fakes.smtp import free_port
from fakes.twilio import BROKEN, HANG_UP, TOO_MANY, WELL, Failure, FakeTwilio

from bot.wiring import System

CENTRE = "+18335550199"


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"public_url": f"http://127.0.0.1:{free_port()}"}


@pytest.fixture
def site(system: System, nobodys_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with FakeTwilio(ACCOUNT_SID, AUTH_TOKEN) as twilio, serving(system, twilio, monkeypatch) as site:
        yield site


def test_where_all_is_well_the_doctor_says_so_and_ends_with_0(site: Site) -> None:
    site.well()

    done = site.run("doctor")

    assert (done.exit_code, to_change(done)) == (0, set()), done.output
    assert {what for what, word in words(done).items() if word == "look"} == {"opt-out", "kept at Twilio"}
    assert "All that can be seen from here is well." in done.output


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"sms_url": ""}, {"webhook", "retries"}),
        ({"sms_url": f"https://old.example.org/twilio/sms{RETRIES}"}, {"webhook"}),
        ({"sms_method": "GET"}, {"webhook's method"}),
        ({"sms_fallback_url": ""}, {"fallback"}),
        ({"sms_fallback_method": "GET"}, {"fallback's method"}),
        ({"sms_application_sid": "AP" + "0" * 32}, {"application"}),
        ({"capabilities": {"sms": True, "mms": False}}, {"MMS"}),
    ],
    ids=["nothing", "another host", "method", "no fallback", "fallback's method", "application", "no pictures"],
)
def test_what_is_wrong_at_the_number_is_named_and_ends_with_1(
    wrong: dict[str, object], what: set[str], site: Site
) -> None:
    number = site.twilio.account.add_number(OUR_NUMBER, **{**site.right, **wrong})
    site.twilio.account.add_service(number, campaign="VERIFIED")

    done = site.run("doctor")

    assert (done.exit_code, to_change(done)) == (1, what)


@pytest.mark.parametrize(
    ("overrides", "word"),
    [("#rt=7000&ct=2000&rp=all&rc=2", "ok"), ("#rc=1&rp=all&ct=2000&rt=7000", "CHANGE"), ("", "CHANGE")],
    ids=["another order", "too few", "none"],
)
def test_retries_are_compared_by_what_they_mean(overrides: str, word: str, site: Site) -> None:
    site.twilio.account.add_number(OUR_NUMBER, **{**site.right, "sms_url": f"{site.url}/twilio/sms{overrides}"})

    assert words(site.run("doctor"))["retries"] == word


def test_a_messaging_service_with_a_webhook_of_its_own_is_what_counts(site: Site) -> None:
    number = site.twilio.account.add_number(OUR_NUMBER, **site.right)
    site.twilio.account.add_service(number, campaign="VERIFIED", use_inbound_webhook_on_number=False)

    done = site.run("doctor")

    assert to_change(done) == {"webhook", "retries", "fallback"}
    assert "the messaging service 'records'" in done.output


@pytest.mark.parametrize(
    ("phone", "campaign", "toll_free", "what"),
    [
        (OUR_NUMBER, "IN_PROGRESS", "", {"A2P 10DLC"}),
        (OUR_NUMBER, "", "", {"A2P 10DLC"}),
        (CENTRE, "", "PENDING_REVIEW", {"toll-free verification"}),
        (CENTRE, "", "", {"toll-free verification"}),
        (CENTRE, "", "TWILIO_APPROVED", set()),
        ("+447700900123", "", "", set()),
    ],
    ids=["in progress", "no campaign", "pending", "not begun", "approved", "not in the US"],
)
def test_numbers_in_the_us_must_be_registered(
    phone: str, campaign: str, toll_free: str, what: set[str], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_FROM", phone)
    number = site.twilio.account.add_number(phone, **site.right)
    site.twilio.account.add_service(number, campaign=campaign)
    if toll_free:
        site.twilio.account.toll_free[number] = toll_free

    assert to_change(site.run("doctor")) == what


def test_pictures_that_would_become_links_at_twilio_are_named(site: Site) -> None:
    number = site.twilio.account.add_number(OUR_NUMBER, **site.right)
    site.twilio.account.add_service(number, campaign="VERIFIED", mms_converter=True)

    assert to_change(site.run("doctor")) == {"pictures as links"}


def test_a_number_that_is_not_the_accounts_is_named(site: Site) -> None:
    done = site.run("doctor")

    assert (done.exit_code, to_change(done)) == (1, {"number"})


def test_an_account_that_is_suspended_or_a_trial_is_named(site: Site) -> None:
    site.well()
    site.twilio.account.status, site.twilio.account.kind = "suspended", "Trial"

    found = words(site.run("doctor"))

    assert (found["account"], found["account's kind"]) == ("CHANGE", "look")


def test_a_wrong_clock_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.well()
    monkeypatch.setattr("fakes.twilio.AHEAD", 90)

    done = site.run("doctor")

    assert to_change(done) == {"clock"}
    assert "90 s behind Twilio's" in done.output or "89 s behind" in done.output


def test_an_address_where_nobody_or_somebody_else_answers_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.well()
    for url, said in ((f"http://127.0.0.1:{free_port()}", "nothing answers"), (site.twilio.url, "it is not us")):
        monkeypatch.setenv("PUBLIC_URL", url)

        done = site.run("doctor")

        assert to_change(done) >= {"livez", "webhook answers", "fallback answers", "webhook", "fallback"}
        assert said in done.output


def test_a_fallback_elsewhere_is_what_we_need_then(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.well()
    monkeypatch.setenv("TWILIO_FALLBACK_URL", "https://handler.twilio.com/twiml/EH0")

    done = site.run("doctor")

    assert to_change(done) == {"fallback"}
    assert words(done)["fallback answers"] == "look"


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Failure(401, 20003), "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"),
        (TOO_MANY, "Try again in a minute."),
        (BROKEN, "(HTTP 500)"),
        (HANG_UP, "cannot be reached from here"),
    ],
    ids=["401", "429", "500", "hangs up"],
)
@pytest.mark.parametrize("before", [0, 1, 3], ids=["at once", "at the number", "at the service"])
def test_what_twilio_refuses_is_said_in_words(failure: Failure, said: str, before: int, site: Site) -> None:
    site.well()
    site.twilio.fail_to_tell(*[WELL] * before, failure)

    done = site.run("doctor")

    assert done.exit_code == 1
    assert said in done.output
    assert AUTH_TOKEN not in done.output


def test_missing_settings_are_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWILIO_FROM")

    done = site.run("doctor")

    assert done.exit_code == 1
    assert "Set TWILIO_FROM first" in done.output


def test_configure_shows_each_change_and_does_nothing_if_it_may_not(site: Site) -> None:
    site.twilio.account.add_number(OUR_NUMBER, sms_method="GET")

    done = site.run("configure", answer="n\n")

    assert f"webhook: nothing -> {site.url}/twilio/sms" in done.output
    assert "webhook's method: GET -> POST" in done.output
    assert (done.exit_code, site.twilio.account.changed) == (1, [])


def test_configure_makes_the_changes_and_the_doctor_finds_them(site: Site) -> None:
    number = site.twilio.account.add_number(OUR_NUMBER, sms_method="GET", sms_application_sid="AP0")
    site.twilio.account.add_service(number, campaign="VERIFIED")

    done = site.run("configure", answer="y\n")

    assert (done.exit_code, to_change(done)) == (0, set()), done.output
    (changed,) = site.twilio.account.changed
    assert changed == {
        "SmsUrl": f"{site.url}/twilio/sms{RETRIES}",
        "SmsMethod": "POST",
        "SmsFallbackUrl": f"{site.url}/twilio/fallback",
        "SmsApplicationSid": "",
    }


def test_configure_changes_the_service_where_that_counts_and_says_for_how_many_numbers(site: Site) -> None:
    numbers = [site.twilio.account.add_number(phone, **site.right) for phone in (OUR_NUMBER, CENTRE)]
    site.twilio.account.add_service(*numbers, campaign="VERIFIED", use_inbound_webhook_on_number=False)

    done = site.run("configure", "--yes")

    assert done.exit_code == 0, done.output
    assert "for all 2 numbers of that service" in done.output
    assert set(site.twilio.account.changed[0]) == {"InboundRequestUrl", "FallbackUrl"}


def test_configure_that_has_nothing_to_do_changes_nothing(site: Site) -> None:
    site.well()

    done = site.run("configure", "--yes")

    assert (done.exit_code, site.twilio.account.changed) == (0, [])
    assert "nothing that we could change" in done.output


def test_a_change_that_twilio_refuses_is_said_in_words(site: Site) -> None:
    site.twilio.account.add_number(OUR_NUMBER)
    site.twilio.fail_to_tell(*[WELL] * 3, Failure(403, 20003))

    done = site.run("configure", "--yes")

    assert done.exit_code == 1
    assert "Nothing was changed, as far as we know." in done.output
    assert "this account may not do that" in done.output
