"""The doctor looks at every number of every account, and says of which it speaks; what one hides, the others show."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER
from doctor import RETRIES, Site, sections, serving
from fakes.smtp import free_port
from fakes.twilio import HANG_UP, WELL, Failure, FakeTwilio

from bot.wiring import System

CENTRE = "+18335550199"
SECOND_SID, SECOND_TOKEN = "AC" + "5" * 32, "the_token_of_the_second"
SECOND = "+13605550177"
SHORT = "55501"
SERVICE = f"MG{0:032x}"
FIRST_ACCOUNT, SECOND_ACCOUNT = f"account {ACCOUNT_SID}", f"account {SECOND_SID}"


@dataclass
class Sites:
    """The first account's Twilio with our web, and the second's."""

    first: Site
    second: FakeTwilio

    def well(self) -> None:
        """All as it should be, at both."""
        self.first.well()
        centre = self.first.twilio.account.add_number(CENTRE, **self.first.right)
        self.first.twilio.account.toll_free[centre] = "TWILIO_APPROVED"
        number = self.second.account.add_number(SECOND, **self.first.right)
        self.second.account.add_service(number, campaign="VERIFIED")
        self.second.account.add_short_code(SHORT, **self.first.right)


@pytest.fixture
def second() -> Iterator[FakeTwilio]:
    with FakeTwilio(SECOND_SID, SECOND_TOKEN) as twilio:
        yield twilio


@pytest.fixture
def senders(second: FakeTwilio, tmp_path: Path) -> Path:
    file = tmp_path / "senders.toml"
    write(file, second, [SECOND, SHORT])
    return file


def write(file: Path, second: FakeTwilio, senders: list[str], token: str = SECOND_TOKEN) -> None:
    file.write_text(f"""
[[account]]
account_sid = "{ACCOUNT_SID}"
senders = ["{CENTRE}"]

[[account]]
account_sid = "{SECOND_SID}"
auth_token = "{token}"
api_url = "{second.url}"
senders = {senders}
""")


@pytest.fixture
def more_settings(senders: Path) -> dict[str, object]:
    return {"public_url": f"http://127.0.0.1:{free_port()}", "twilio_senders": senders}


@pytest.fixture
def sites(
    system: System, second: FakeTwilio, senders: Path, nobodys_settings: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sites]:
    monkeypatch.setenv("TWILIO_SENDERS", str(senders))
    with FakeTwilio(ACCOUNT_SID, AUTH_TOKEN) as twilio, serving(system, twilio, monkeypatch) as first:
        yield Sites(first, second)


def of(sender: str, account: str) -> str:
    return f"{sender} of {account}"


def wrong(found: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    """What is to be changed, by section."""
    by_section = {name: {what for what, word in rows.items() if word == "CHANGE"} for name, rows in found.items()}
    return {name: whats for name, whats in by_section.items() if whats}


def test_every_number_of_every_account_has_a_section(sites: Sites) -> None:
    sites.well()

    done = sites.first.run("doctor")

    assert done.exit_code == 0, done.output
    assert list(sections(done)) == [
        FIRST_ACCOUNT, of(OUR_NUMBER, FIRST_ACCOUNT), of(CENTRE, FIRST_ACCOUNT),
        SECOND_ACCOUNT, of(SECOND, SECOND_ACCOUNT), of(SHORT, SECOND_ACCOUNT), "our addresses",
    ]  # fmt: skip


def test_what_is_wrong_is_said_of_its_number_and_repeated_in_the_last_lines(sites: Sites) -> None:
    sites.well()
    sites.first.twilio.account.numbers[1]["sms_method"] = "GET"
    sites.second.account.short_codes[0]["sms_url"] = ""
    sites.second.account.status = "suspended"

    done = sites.first.run("doctor")

    assert done.exit_code == 1
    assert wrong(sections(done)) == {
        of(CENTRE, FIRST_ACCOUNT): {"webhook's method"},
        SECOND_ACCOUNT: {"account"},
        of(SHORT, SECOND_ACCOUNT): {"webhook", "retries"},
    }
    assert done.output.splitlines()[-3:] == [
        f"1 to change: {of(CENTRE, FIRST_ACCOUNT)}",
        f"1 to change: {SECOND_ACCOUNT}",
        f"2 to change: {of(SHORT, SECOND_ACCOUNT)}",
    ]


@pytest.mark.parametrize(
    ("failure", "said"),
    [(HANG_UP, "cannot be reached from here"), (Failure(401, 20003), "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")],
    ids=["away", "401"],
)
@pytest.mark.parametrize("before", [0, 1, 5], ids=["at once", "at the number", "at its campaign"])
def test_an_account_that_is_away_or_lets_us_not_in_hides_no_other(
    failure: Failure, said: str, before: int, sites: Sites
) -> None:
    sites.well()
    sites.first.twilio.fail_to_tell(*[WELL] * before, failure)
    sites.second.account.numbers[0]["sms_url"] = ""

    done = sites.first.run("doctor")

    assert done.exit_code == 1
    assert said in done.output
    assert CENTRE in next(line for line in done.output.splitlines() if "nothing is known of" in line)
    assert wrong(sections(done))[of(SECOND, SECOND_ACCOUNT)] == {"webhook", "retries"}
    assert sections(done)["our addresses"]["livez"] == "ok"


def test_a_token_of_the_file_that_was_replaced_is_said_with_its_place(sites: Sites, senders: Path) -> None:
    sites.well()
    write(senders, sites.second, [SECOND, SHORT], token="an_old_one")

    done = sites.first.run("doctor")

    assert wrong(sections(done)) == {SECOND_ACCOUNT: {"the API", "our web believes it"}}
    assert "check its account_sid in TWILIO_SENDERS and its auth_token in TWILIO_SENDERS" in done.output
    assert "an_old_one" not in done.output


def test_an_account_that_the_web_process_was_not_started_with_is_named(sites: Sites, senders: Path) -> None:
    """Its webhooks would be refused, although all is right at Twilio."""
    sites.well()
    with FakeTwilio("AC" + "7" * 32, "another") as third:
        third.account.add_number("+447700900123", **sites.first.right)
        third_account = f'account_sid = "{third.account_sid}"\nauth_token = "another"\napi_url = "{third.url}"\n'
        senders.write_text(f'{senders.read_text()}\n[[account]]\n{third_account}senders = ["+447700900123"]\n')

        done = sites.first.run("doctor")

    assert wrong(sections(done)) == {f"account {third.account_sid}": {"our web believes it"}}
    assert "restart them" in done.output


def test_of_a_messaging_service_all_its_numbers_are_looked_at(sites: Sites, senders: Path) -> None:
    sites.well()
    write(senders, sites.second, [SERVICE])
    sites.second.account.numbers[0]["sms_url"] = ""

    done = sites.first.run("doctor")

    assert sections(done)[of(SERVICE, SECOND_ACCOUNT)] == {"a number in it": "CHANGE"}
    assert wrong(sections(done)) == {
        of(SERVICE, SECOND_ACCOUNT): {"a number in it"},
        of(SECOND, SECOND_ACCOUNT): {"webhook", "retries"},
    }
    assert done.exit_code == 1
    assert f'add "{SECOND}" to senders of {SECOND_ACCOUNT} in TWILIO_SENDERS' in done.output


def test_a_number_of_a_service_that_is_a_sender_too_is_well(sites: Sites, senders: Path) -> None:
    sites.well()
    write(senders, sites.second, [SERVICE, SECOND])

    done = sites.first.run("doctor")

    assert sections(done)[of(SERVICE, SECOND_ACCOUNT)] == {"a number in it": "ok"}
    assert done.exit_code == 0


@pytest.mark.parametrize("there", [True, False])
def test_a_messaging_service_without_numbers_or_of_nobody_is_named(there: bool, sites: Sites, senders: Path) -> None:
    sites.well()
    write(senders, sites.second, [f"MG{1:032x}"])
    if there:
        sites.second.account.add_service()

    done = sites.first.run("doctor")

    assert wrong(sections(done)) == {of(f"MG{1:032x}", SECOND_ACCOUNT): {"messaging service"}}


def test_where_an_api_tells_nothing_of_services_a_person_is_to_look(sites: Sites) -> None:
    """Twilio's regions have them at another address than the one for messages."""
    sites.well()
    sites.second.account.tells_services = False

    done = sites.first.run("doctor")

    assert done.exit_code == 0, done.output
    of_second = sections(done)[of(SECOND, SECOND_ACCOUNT)]
    assert (of_second["messaging service"], of_second["A2P 10DLC"]) == ("look", "look")


def test_a_file_that_is_wrong_is_said_in_words(sites: Sites, senders: Path) -> None:
    senders.write_text('[[account]]\naccount_sid = "AC1"\n')

    done = sites.first.run("doctor")

    assert done.exit_code == 1
    assert "TWILIO_SENDERS: account 1 account_sid: write the account's SID" in done.output


def test_configure_sets_all_numbers_of_all_accounts_after_asking_once(sites: Sites) -> None:
    sites.well()
    sites.first.twilio.account.numbers[1]["sms_url"] = ""
    sites.second.account.short_codes[0].update(sms_url="", sms_fallback_url="")

    done = sites.first.run("configure", answer="y\n")

    assert done.exit_code == 0, done.output
    assert done.output.count("Change this at Twilio?") == 1
    assert f"In the number {CENTRE} of {FIRST_ACCOUNT}:" in done.output
    url = f"{sites.first.url}/twilio/sms{RETRIES}"
    assert sites.first.twilio.account.changed == [{"SmsUrl": url}]
    assert sites.second.account.changed == [{"SmsUrl": url, "SmsFallbackUrl": f"{sites.first.url}/twilio/fallback"}]


@pytest.mark.parametrize("only", [SHORT, SECOND_SID], ids=["a number", "an account"])
def test_configure_leaves_alone_what_was_not_named(only: str, sites: Sites) -> None:
    sites.well()
    sites.first.twilio.account.numbers[1]["sms_url"] = ""
    sites.second.account.short_codes[0]["sms_url"] = ""

    done = sites.first.run("configure", "--yes", only)

    assert done.exit_code == 0, done.output
    assert (len(sites.first.twilio.account.changed), len(sites.second.account.changed)) == (0, 1)


def test_configure_refuses_a_name_that_is_none_of_ours(sites: Sites) -> None:
    done = sites.first.run("configure", "--yes", "+19995550100")

    assert done.exit_code == 2
    assert f"{SECOND_SID}, {SECOND}, {SHORT}" in done.output


def test_what_one_account_refuses_to_change_keeps_no_other_waiting(sites: Sites) -> None:
    sites.well()
    sites.first.twilio.account.numbers[1]["sms_url"] = ""
    sites.second.account.short_codes[0]["sms_url"] = ""
    sites.first.twilio.fail_to_tell(*[WELL] * 8, Failure(403, 20003))

    done = sites.first.run("configure", "--yes")

    assert done.exit_code == 1
    assert "Nothing was changed, as far as we know." in done.output
    assert (len(sites.first.twilio.account.changed), len(sites.second.account.changed)) == (0, 1)
