"""Secrets in files, as Docker and Kubernetes mount them: NAME_FILE instead of NAME."""

import os
from pathlib import Path

import pytest
from test_config import PRODUCTION

from bot.config import SettingsWrong, read_settings
from bot.secret_files import SECRETS

pytestmark = pytest.mark.usefixtures("nobodys_settings")
FUNNEL = "x7-kept-among-staff-3"
HELD = {**PRODUCTION, "funnel_password": FUNNEL, "log_keys": f"2026:{PRODUCTION['link_pepper'].partition(':')[2]}"}


def mounted(folder: Path, name: str, text: str, mode: int = 0o600) -> Path:
    file = folder / name
    file.write_text(text)
    file.chmod(mode)
    return file


def complaint(**given: object) -> str:
    with pytest.raises(SettingsWrong) as caught:
        read_settings(given)
    return str(caught.value)


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_be_in_a_file(name: str, tmp_path: Path) -> None:
    file = mounted(tmp_path, name, f"{HELD[name]}\n")

    settings = read_settings({f"{name}_file": file}, all_of_them=False)

    assert getattr(settings, name) == HELD[name]
    assert settings.file_of(name) == file


def test_files_are_named_in_the_environment_and_in_env_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one, two = mounted(tmp_path, "one", HELD["secret_keys"]), mounted(tmp_path, "two", HELD["link_pepper"])
    monkeypatch.setenv("SECRET_KEYS_FILE", str(one))
    (tmp_path / ".env").write_text(f"LINK_PEPPER_FILE={two}\nINDEX_KEYS_FILE=\n")

    settings = read_settings()

    assert (settings.secret_keys, settings.link_pepper) == (HELD["secret_keys"], HELD["link_pepper"])


def test_production_starts_with_all_its_secrets_in_files(tmp_path: Path) -> None:
    files = {f"{name}_file": mounted(tmp_path, name, HELD[name]) for name in SECRETS if name in PRODUCTION}
    others = {name: value for name, value in PRODUCTION.items() if name not in SECRETS}

    settings = read_settings({**others, **files})

    assert {name: str(getattr(settings, name)) for name in PRODUCTION} == PRODUCTION


def test_what_a_file_holds_is_checked_like_any_other(tmp_path: Path) -> None:
    assert "LINK_PEPPER: write 32 random bytes" in complaint(link_pepper_file=mounted(tmp_path, "it", "a:hush-hush"))


def test_a_secret_is_given_once(tmp_path: Path) -> None:
    file = mounted(tmp_path, "pepper", HELD["link_pepper"])

    said = complaint(link_pepper_file=file, link_pepper=HELD["link_pepper"])

    assert said == "LINK_PEPPER_FILE: LINK_PEPPER is given, too; leave one of them away"


def test_files_that_hold_nothing_are_all_named_at_once(tmp_path: Path) -> None:
    said = complaint(
        secret_keys_file=tmp_path / "nowhere",
        link_pepper_file=mounted(tmp_path, "empty", " \n"),
        smtp_url_file=tmp_path,
    )

    assert f"SECRET_KEYS_FILE: {tmp_path}/nowhere cannot be read: No such file or directory" in said
    assert f"LINK_PEPPER_FILE: {tmp_path}/empty is empty" in said
    assert f"SMTP_URL_FILE: {tmp_path} cannot be read: Is a directory" in said


def test_a_file_of_ours_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    file = mounted(tmp_path, "pepper", HELD["link_pepper"], 0o644)

    said = complaint(link_pepper_file=file)

    assert said == f"LINK_PEPPER_FILE: {file} may be read by others (mode 644); type: chmod 600 {file}"


def test_a_mounted_file_that_everybody_may_read_is_told(tmp_path: Path) -> None:
    """Links are how Kubernetes mounts them; its owner alone can mend it."""
    file = mounted(tmp_path, "held", HELD["link_pepper"], 0o644)
    os.symlink(file, tmp_path / "pepper")

    settings = read_settings({"link_pepper_file": tmp_path / "pepper"})

    assert settings.open_to_all() == [tmp_path / "pepper"]


def test_production_refuses_an_env_file_that_everybody_may_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = mounted(tmp_path, ".env", "\n".join(f"{name}={value}" for name, value in PRODUCTION.items()), 0o644)

    with pytest.raises(SettingsWrong) as caught:
        read_settings()
    assert str(caught.value) == f".env: every user of this machine may read its secrets; type: chmod 600 {file}"

    file.chmod(0o600)
    assert read_settings().environment == "production"


@pytest.mark.parametrize(
    ("token", "sender", "said"),
    [
        ("a-token", "+15555550177", "auth_token is easy to guess or cut off"),
        ("x9d3-good-one-of-twilio,your_auth_token_1234", "+15555550177", "auth_token is easy to guess or cut off"),
        ("x9d3-good-one-of-twilio", "+15551234567", "is the number of the example"),
    ],
)
def test_production_looks_at_the_tokens_in_the_file_of_senders_as_well(
    token: str, sender: str, said: str, tmp_path: Path
) -> None:
    text = f'[[account]]\naccount_sid = "AC{"5" * 32}"\nauth_token = "{token}"\nsenders = ["{sender}"]\n'
    file = mounted(tmp_path, "senders.toml", text)

    complained = complaint(**PRODUCTION, twilio_senders=file)

    assert complained.startswith(f"TWILIO_SENDERS: account AC{'5' * 32}: ")
    assert said in complained
    assert token not in complained


def test_production_refuses_an_open_file_with_senders(tmp_path: Path) -> None:
    file = mounted(tmp_path, "senders.toml", "", 0o644)

    said = complaint(**PRODUCTION, twilio_senders=file)

    assert said == f"TWILIO_SENDERS: {file} may be read by others (mode 644); type: chmod 600 {file}"
