"""The file with further senders: what it may say, and what an operator reads when it is wrong."""

from pathlib import Path

import pytest
from test_config import PRODUCTION

from bot.config import Settings, SettingsWrong, read_settings
from bot.delivery.accounts import usual_rate

FIRST, SECOND = str(PRODUCTION["twilio_account_sid"]), "AC" + "b" * 32
OURS = str(PRODUCTION["twilio_from"])
GOOD = f"""
[[account]]
account_sid = "{SECOND}"
auth_token = "a-new-secret-of-twilio,an-old-secret-of-twilio"
api_url = "https://api.dublin.ie1.twilio.com"
weight = 25
senders = ["+15555550101", "MG{"c" * 32}"]
rates = {{ "MG{"c" * 32}" = 10 }}
"""


def read(tmp_path: Path, text: str, **changed: object) -> Settings:
    path = tmp_path / "senders.toml"
    path.touch(0o600)
    path.write_text(text)
    return read_settings({**PRODUCTION, "twilio_senders": path, **changed})


def complaint(tmp_path: Path, text: str, **changed: object) -> str:
    with pytest.raises(SettingsWrong) as caught:
        read(tmp_path, text, **changed)
    assert "secret" not in str(caught.value)
    return str(caught.value)


def test_without_a_file_there_is_one_account_with_one_number() -> None:
    (account,) = read_settings({**PRODUCTION, "twilio_rate": "2.5"}).accounts

    assert (account.sid, account.senders, account.rate(OURS)) == (FIRST, (OURS,), 2.5)
    assert account.tokens == ("a-token-of-twilio", "another-token-of-twilio")


def test_a_second_account_stands_beside_the_first(tmp_path: Path) -> None:
    first, second = read(tmp_path, GOOD).accounts

    assert first.senders == (OURS,)
    assert (second.sid, second.tokens, second.weight) == (
        SECOND,
        ("a-new-secret-of-twilio", "an-old-secret-of-twilio"),
        25,
    )
    assert [second.rate(sender) for sender in second.senders] == [1, 10]
    assert "secret" not in repr(second)


def test_the_first_account_gets_more_numbers_and_keeps_its_token(tmp_path: Path) -> None:
    text = f'[[account]]\naccount_sid = "{FIRST}"\nweight = 50\nsenders = ["+15555550101", "12345"]'

    (account,) = read(tmp_path, text).accounts

    assert (account.senders, account.tokens[0], account.weight) == (
        (OURS, "+15555550101", "12345"),
        "a-token-of-twilio",
        50,
    )


@pytest.mark.parametrize(
    ("sender", "rate"), [("+15555550101", 1), ("+18885550101", 3), ("12345", 100), ("MG" + "c" * 32, 1)]
)
def test_what_carriers_take_of_each_kind(sender: str, rate: float) -> None:
    assert usual_rate(sender) == rate


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (SECOND, "AC1", "account 1 account_sid: write the account's SID"),
        ('"+15555550101"', '"555-0101"', "account 1 senders: write numbers such as +15551234567"),
        ('"+15555550101"', '"+15555550199"', "sender +15555550199: is there twice"),
        ("a-new-secret-of-twilio,an-old-secret-of-twilio", "", f"account {SECOND}: auth_token is missing"),
        ("weight", "wait", "account 1 wait: is not known here"),
        ("weight = 25", "weight = -1", "account 1 weight: "),
        ("= 10 }", "= 0 }", "account 1 rates: write segments a second, more than 0"),
        (
            "rates = { ",
            'rates = { "+15555550109" = 1, ',
            "there is a rate for +15555550109, which is none of its senders",
        ),
        ("https://api", "http://api", f"account {SECOND}: api_url must begin with https:// in production"),
        ("https://api", "HTTP://api", f"account {SECOND}: api_url must begin with https:// in production"),
        ("https://api", "ht\\ttp://api", "account 1 api_url: write it without tabs"),
        ("https://api", "api", "account 1 api_url: write an address such as https://"),
        ("[[account]]", "[[account]", "is no TOML: "),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, said: str, tmp_path: Path) -> None:
    complained = complaint(tmp_path, GOOD.replace(old, new))

    assert said in complained
    assert all(line.startswith("TWILIO_SENDERS: ") for line in complained.splitlines())


def test_an_account_that_is_there_twice_and_one_without_senders(tmp_path: Path) -> None:
    assert f"account {SECOND}: is there twice" in complaint(
        tmp_path, GOOD + GOOD.replace("+15555550101", "+15555550102")
    )
    text = f'[[account]]\naccount_sid = "{SECOND}"\nauth_token = "secret"'
    assert f"account {SECOND}: senders are missing" in complaint(tmp_path, text)


def test_if_nothing_has_weight_nothing_could_go(tmp_path: Path) -> None:
    text = f'[[account]]\naccount_sid = "{FIRST}"\nweight = 0'

    assert "weight: is 0 for every account" in complaint(tmp_path, text)


def test_a_file_that_is_not_there_and_one_without_twilio(tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong, match=r"TWILIO_SENDERS: .*nowhere.toml cannot be read: No such file"):
        read_settings({**PRODUCTION, "twilio_senders": tmp_path / "nowhere.toml"})
    with pytest.raises(SettingsWrong, match="TWILIO_SENDERS: means nothing without"):
        read_settings({"twilio_senders": tmp_path / "nowhere.toml"})


def test_several_mail_servers_stand_in_one_setting() -> None:
    urls = "smtp://u:x9-good-one-3@one.health.test?from=a@b.c  smtps://two.health.test?from=a@b.c"

    relays = read_settings({**PRODUCTION, "smtp_url": urls}).relays

    assert [(relay.host, relay.port, relay.tls) for relay in relays] == [
        ("one.health.test", 587, "start"),
        ("two.health.test", 465, "always"),
    ]
    with pytest.raises(SettingsWrong, match="several with a space between them"):
        read_settings({**PRODUCTION, "smtp_url": "smtp://one.example.gov?from=a@b.c,smtp://x smtp://y"})
