"""Settings: whatever is wrong stops the start with a sentence that names it, and nothing secret is ever printed."""

import base64
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fakes.certificate import Authority

from bot.cards.keys.folder import new_key
from bot.config import NEEDED, Settings, SettingsWrong, read_settings
from bot.demo_defaults import complete, new_secret
from bot.key_settings import RINGS
from bot.secret_files import SECRETS as IN_FILES
from bot.wiring import build_cards, build_system

pytestmark = pytest.mark.usefixtures("nobodys_settings")

REPO = Path(__file__).parent.parent
ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
GOOD, ALSO_GOOD, PEPPER, INDEX, AUDIT = (base64.b64encode(sha256(bytes([n])).digest()).decode() for n in range(5))
WEAK = base64.b64encode(b"a" * 32).decode()
PRODUCTION = {
    "environment": "production",
    "public_url": "https://records.health.test",
    "trusted_proxies": "1",
    "redis_url": "rediss://:redis-password-41@redis.health.test:6379/0",
    "iis_url": "postgresql://vaxtext:iis-password-41@iis.health.test/registry?sslmode=verify-full",
    "audit_url": "postgresql://vaxtext:audit-password-41@audit.health.test/audit?sslmode=verify-full",
    "twilio_account_sid": ACCOUNT_SID,
    "twilio_auth_token": "a-token-of-twilio,another-token-of-twilio",
    "twilio_from": "+15555550199",
    "smtp_url": "smtp://user:smtp-password-41@mail.health.test:587?from=records@health.test",
    "secret_keys": f"2026b:{GOOD},2026a:{ALSO_GOOD}",
    "link_pepper": f"2026a:{PEPPER}",
    "index_keys": f"2026a:{INDEX}",
    "audit_keys": f"2026a:{AUDIT}",
    "card_issuer": "https://records.health.test",
}
FILES = {f"{name}_file" for name in IN_FILES}
WEB_ADDRESSES = ("public_url", "card_issuer", "twilio_api_url", "twilio_fallback_url")
ADDRESSES = (*WEB_ADDRESSES, "redis_url", "iis_url", "audit_url", "smtp_url")
SECRETS = ("password", "a-token", "another-token", GOOD, ALSO_GOOD, PEPPER, INDEX, AUDIT)


def complaint(**changed: Any) -> str:
    """What the operator reads when these settings are changed."""
    with pytest.raises(SettingsWrong) as caught:
        read_settings({**PRODUCTION, **changed})
    return str(caught.value)


def test_nothing_needs_to_be_set_for_the_demo() -> None:
    settings = complete(read_settings())

    assert settings.demo
    assert settings.public_url == settings.card_issuer == "http://127.0.0.1:8000"
    assert all(getattr(settings, name.lower()) for name in set(NEEDED) - {"REDIS_URL", "TWILIO_FROM", "SMTP_URL"})


def test_the_demo_makes_up_its_secrets_once(tmp_path: Path) -> None:
    first, second = complete(read_settings()), complete(read_settings())

    assert (first.secret_keys, first.link_pepper) == (second.secret_keys, second.link_pepper)
    assert (tmp_path / "var" / "demo_secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_we_print_is_one_that_we_take() -> None:
    assert read_settings({"link_pepper": f"a:{new_secret()}", "secret_keys": f"a:{new_secret()},b:{new_secret()}"})


def test_what_is_set_wins_over_what_the_demo_makes_up() -> None:
    settings = complete(read_settings({"link_pepper": PRODUCTION["link_pepper"], "port": 8123}))

    assert settings.link_pepper == PRODUCTION["link_pepper"]
    assert settings.public_url == "http://127.0.0.1:8123"


def test_production_starts_with_everything_set() -> None:
    settings = read_settings(PRODUCTION)

    assert not settings.demo
    assert settings.auth_tokens == ("a-token-of-twilio", "another-token-of-twilio")
    assert list(settings.ring("secret_keys").keys) == ["2026b", "2026a"]
    assert {len(key) for name in RINGS for key in settings.ring(name).keys.values()} == {32}
    assert not settings.ring("log_keys").keys


def test_settings_are_read_from_the_environment_and_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8111\nFLOW=elsewhere\nSOMEBODY_ELSES=1\n")
    monkeypatch.setenv("PORT", "8222")

    settings = read_settings()

    assert (settings.port, settings.flow) == (8222, Path("elsewhere"))


@pytest.mark.parametrize("name", NEEDED)
def test_production_names_what_is_missing(name: str) -> None:
    said = complaint(**{name.lower(): ""})

    assert f"{name}: missing" in said


def test_production_asks_how_many_proxies_there_are() -> None:
    assert complaint(trusted_proxies="").startswith("TRUSTED_PROXIES: missing; write how many proxies")
    assert read_settings({**PRODUCTION, "trusted_proxies": "0"}).trusted_proxies == 0


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(SettingsWrong) as caught:
        read_settings({"environment": "production"})

    assert re.findall(r"^(\w+): missing; production has no default for it$", str(caught.value), re.M) == NEEDED


@pytest.mark.parametrize("scheme", ["http", "HTTP", "Http", " http"])
@pytest.mark.parametrize("name", WEB_ADDRESSES)
def test_production_refuses_plain_http(name: str, scheme: str) -> None:
    said = complaint(**{name: f"{scheme}://records.health.test"})

    assert said == f"{name.upper()}: must begin with https:// in production"


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_whose_scheme_is_in_capitals_is_the_same(name: str) -> None:
    scheme, rest = (PRODUCTION.get(name) or "https://records.health.test").split(":", 1)

    settings = read_settings({**PRODUCTION, name: f"{scheme.upper()}:{rest}"})

    assert getattr(settings, name) == f"{scheme}:{rest}"


@pytest.mark.parametrize("name", ADDRESSES)
def test_no_address_hides_its_scheme_behind_what_nobody_sees(name: str) -> None:
    scheme, rest = (PRODUCTION.get(name) or "https://records.health.test").split(":", 1)

    said = complaint(**{name: f"{scheme[:2]}\t{scheme[2:]}:{rest}"})

    assert said.startswith(f"{name.upper()}: write ")


@pytest.mark.parametrize("scheme", ["hl7+http", "fhir+http", "HL7+HTTP", "fhir+Http"])
def test_production_asks_no_registry_unencrypted(scheme: str) -> None:
    said = complaint(iis_url=f"{scheme}://iis.health.test/iis")

    assert said == "IIS_URL: must go by https in production: hl7+https:// or fhir+https://"


@pytest.mark.parametrize("mode", ["", "?sslmode=require", "?sslmode=verify-ca", "?sslmode=disable", "?host=/run,db"])
def test_production_reads_no_copy_over_the_network_without_tls_that_names_the_server(mode: str) -> None:
    said = complaint(iis_url=f"postgresql://vaxtext:iis-password-41@iis.health.test/registry{mode}")

    assert said.startswith("IIS_URL: must go by TLS in production: write ?sslmode=verify-full&sslrootcert=FILE")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://vaxtext@localhost/registry",
        "postgresql://vaxtext@127.0.0.1:5433/registry",
        "postgresql://vaxtext@[::1]/registry",
        "postgresql:///registry",
        "postgresql:///registry?host=/var/run/postgresql",
        "sqlite:////srv/vaxtext/iis.db",
        "postgresql://iis.health.test/registry?sslmode=verify-full&sslrootcert=/etc/ca.pem",
    ],
)
def test_a_copy_on_this_machine_needs_no_tls(url: str) -> None:
    assert read_settings({**PRODUCTION, "iis_url": url}).iis_url == url


def test_production_refuses_the_demos_registry() -> None:
    demo = complete(read_settings())

    assert complaint(iis_url=demo.iis_url) == "IIS_URL: this is the demo's registry; name the state's"


def test_production_refuses_the_demos_address() -> None:
    demo = complete(read_settings())

    said = complaint(public_url=demo.public_url, card_issuer=demo.card_issuer)

    assert re.findall(r"^(\w+): must begin with https://", said, re.M) == ["PUBLIC_URL", "CARD_ISSUER"]


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("environment", "staging", "'demo' or 'production'"),
        ("port", "http", "integer"),
        ("port", "0", "greater than or equal to 1"),
        ("port", "65536", "less than or equal to 65535"),
        ("public_url", "records.example.gov", "write an address such as https://"),
        ("public_url", "https://records.example.gov?a=1", "write an address such as https://"),
        ("public_url", "https://[", ""),
        ("card_issuer", "ftp://records.example.gov", "write an address such as https://"),
        ("redis_url", "redis.example.gov:6379", "write redis://host"),
        ("redis_url", "http://redis.example.gov", "write redis://host"),
        ("redis_url", "redis://:hush/hush@redis.example.gov", "write redis://host"),
        ("iis_url", "iis.example.gov", "write postgresql://"),
        ("iis_url", "mysql://iis.example.gov/registry", "write postgresql://"),
        ("iis_url", "postgresql://iis.example.gov:password/registry", "write postgresql://"),
        ("iis_url", "postgresql+psycopg2://u:hush@iis.example.gov/registry", "without a + and a driver"),
        ("iis_url", "postgresql+asyncpg://u:hush@iis.example.gov/registry", "without a + and a driver"),
        ("iis_url", "sqlite+aiosqlite:///iis.db", "without a + and a driver"),
        ("iis_url", "postgresql://u:hush@iis.example.gov", "with the name of the database"),
        ("iis_url", "postgresql://iis.example.gov/registry?hush=1", "PostgreSQL has no such option"),
        ("iis_url", "postgresql://iis.example.gov/registry?sslmode=hush", "?sslmode= takes verify-full"),
        ("iis_url", "sqlite://", "write sqlite:////srv/vaxtext/iis.db"),
        ("iis_url", "sqlite:///:memory:", "write sqlite:////srv/vaxtext/iis.db"),
        ("iis_url", "sqlite://iis.db", "write sqlite:////srv/vaxtext/iis.db"),
        ("iis_url", "sqlite://srv/iis.db", "write sqlite:////srv/vaxtext/iis.db"),
        ("iis_url", "sqlite:///iis.db?mode=ro", "write sqlite:////srv/vaxtext/iis.db"),
        ("iis_url", "hl7+https://user@iis.example.gov/soap", "write hl7+https://"),
        ("iis_url", "fhir+https://client:@/r4", "write fhir+https://"),
        ("iis_private_key", "nowhere.pem", "name a file with a private key"),
        ("iis_ca_file", "nowhere.pem", "name a file with the certificates"),
        ("iis_client_cert", "nowhere.pem", "name a file with a certificate"),
        ("iis_client_key", "nowhere.pem", "name a file with a private key"),
        ("iis_timeout", "0", "greater than 0"),
        ("trusted_issuers", "nowhere.json", "nowhere.json cannot be read: No such file or directory"),
        ("security_contact", "security@health.example.gov", "write mailto:"),
        ("security_contact", "mailto:a@b.gov http://b.gov", "write mailto:"),
        ("twilio_account_sid", "AC123", "AC and 32 hexadecimal digits"),
        ("twilio_account_sid", "SK" + "0" * 32, "AC and 32 hexadecimal digits"),
        ("twilio_auth_token", " , ", "auth token"),
        ("twilio_from", "555-0199", "such as +15551234567"),
        ("twilio_from", "whatsapp:+15555550199", "such as +15551234567"),
        ("twilio_api_url", "localhost:1", "write an address such as https://"),
        ("smtp_url", "mail.example.gov", "write smtp://user:password@host"),
        ("smtp_url", "smtp://user:password@mail.example.gov", "from=records@example.org"),
        ("smtp_url", "smtp://user:hush/hush@mail.example.gov?from=a@b.c", "write smtp://user:password@host"),
        ("secret_keys", GOOD, "'id:key' pairs"),
        ("secret_keys", ",", "'id:key' pairs"),
        ("secret_keys", f"a:{GOOD},a:{ALSO_GOOD}", "each id once"),
        ("secret_keys", "a:c2hvcnQ=", "32 random bytes"),
        ("secret_keys", f"a:{WEAK}", "32 random bytes"),
        ("secret_keys", f"a:{GOOD},b:{GOOD}", "one key is there twice"),
        ("secret_keys", f"seventeen_letters:{GOOD}", "up to 16 letters"),
        ("link_pepper", "a:hush-hush", "'vaxtext keys secret' prints one"),
        ("link_pepper", f"a:{WEAK}", "32 random bytes"),
        ("link_pepper", f"a:{base64.b64encode(b'secret!!' + bytes(23)).decode()}", "32 random bytes"),
        ("link_pepper", f"a:{base64.b64encode(bytes(range(32))).decode()}", "32 random bytes"),
        ("link_pepper", f"a:{base64.b64encode(bytes(range(16)) * 2).decode()}", "32 random bytes"),
        ("link_pepper", f"a:{base64.b64encode(b'hush! what the fox told the crow').decode()}", "32 random bytes"),
        ("link_pepper", f"a:{GOOD}x", "32 random bytes"),
        ("link_pepper", GOOD, "this is a key without an id: write an id, such as 2026, and a colon before it"),
        ("index_keys", GOOD, "this is a key without an id"),
        ("log_keys", "hush", "'id:key' pairs"),
    ],
)
def test_what_is_wrong_is_named_with_its_fix_and_without_its_value(name: str, value: str, fix: str) -> None:
    said = complaint(**{name: value})

    assert re.match(rf"{name.upper()}: .+", said)
    assert said.count("\n") == 0
    assert fix in said
    assert not any(secret in said for secret in ("hush", GOOD, ALSO_GOOD, WEAK))


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = complaint(port="x", twilio_from="y", link_pepper="z")

    assert re.findall(r"^(\w+):", said, re.M) == ["PORT", "TWILIO_FROM", "LINK_PEPPER"]


def test_half_of_twilios_settings_are_none() -> None:
    with pytest.raises(SettingsWrong, match="TWILIO_AUTH_TOKEN: missing, but other Twilio settings are given"):
        read_settings({"twilio_account_sid": ACCOUNT_SID, "twilio_from": "+15555550199"})


def test_a_slash_at_the_end_of_an_address_is_taken_off() -> None:
    assert read_settings({**PRODUCTION, "card_issuer": "https://records.health.test/"}).card_issuer[-1] == "t"


def test_settings_never_print_what_they_hold() -> None:
    settings = read_settings(PRODUCTION)

    assert str(settings) == repr(settings) == f"{settings}" == "Settings(environment='production')"
    assert not any(secret in repr([settings, {"settings": settings}]) for secret in SECRETS)


def test_an_error_never_prints_other_settings() -> None:
    said = complaint(port="x", public_url="")

    assert not any(secret in said for secret in SECRETS)


def test_what_production_was_given_can_be_wired_without_a_connection(tmp_path: Path) -> None:
    flow = REPO / "flows" / "vaccine_record"
    new_key(tmp_path / "card_keys")

    system = build_system(read_settings({**PRODUCTION, "flow": flow, "data_dir": tmp_path}))

    assert (system.redis_server, system.settings.demo) == (None, False)
    system.close()


@pytest.mark.parametrize(
    "command",
    [["-m", "gunicorn", "--bind", "127.0.0.1:0", "app:app"], ["-m", "bot.cli", "worker"], ["-m", "bot.cli", "demo"]],
    ids=["web", "worker", "demo"],
)
def test_a_start_with_a_wrong_setting_ends_at_once_with_the_sentence(command: list[str], tmp_path: Path) -> None:
    env = {**os.environ, "TWILIO_FROM": "555-0199", "LINK_PEPPER": "a:hush-hush", "DATA_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, *command], cwd=REPO, env=env, capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode != 0
    assert "TWILIO_FROM: write the number that residents text" in done.stderr
    assert "LINK_PEPPER: write 32 random bytes" in done.stderr
    assert not any(word in done.stderr for word in ("Traceback", "555-0199", "hush-hush"))


def test_a_demo_registry_that_another_version_left_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "demo_iis.db")) as old:
        old.execute("CREATE TABLE person (id TEXT)")
    env = {**os.environ, "ENVIRONMENT": "demo", "IIS_URL": "", "DATA_DIR": str(tmp_path), "REDIS_URL": ""}

    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "worker"],
        cwd=REPO,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "demo_iis.db: the database in IIS_URL has tables that no release of vaxtext made" in done.stderr
    assert "For the demo, delete that file: its people are made anew." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_registrys_certificates_are_tried_at_the_start(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue()
    _, other_key = authority.issue()

    settings = read_settings({"iis_ca_file": authority.file, "iis_client_cert": certificate, "iis_client_key": key})
    assert settings.iis_tls.context()
    assert complaint(iis_client_key=key) == "IIS_CLIENT_CERT: missing, but IIS_CLIENT_KEY is given"
    said = complaint(iis_client_cert=certificate, iis_client_key=other_key)
    assert said == "IIS_CLIENT_KEY: this is not the key of the certificate in IIS_CLIENT_CERT"
    assert complaint(iis_ca_file=key).startswith("IIS_CA_FILE: there is no certificate")


def test_the_example_explains_every_setting_and_no_other() -> None:
    lines = (REPO / ".env.example").read_text().splitlines()
    names = {number: found[1] for number, line in enumerate(lines) if (found := re.match(r"#? ?([A-Z_]+)=", line))}

    assert sorted(names.values()) == sorted(name.upper() for name in Settings.model_fields if name not in FILES)
    assert all(lines[number - 1].startswith("# ") for number in names)


def test_the_example_holds_no_secret_that_would_be_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text((REPO / ".env.example").read_text())

    with pytest.raises(SettingsWrong) as caught:
        read_settings()

    missing = re.findall(r"^(\w+): missing", str(caught.value), re.M)
    assert {"TWILIO_AUTH_TOKEN", "SECRET_KEYS", "LINK_PEPPER", "INDEX_KEYS"} <= set(missing)


def test_production_refuses_the_account_of_the_demo() -> None:
    assert "TWILIO_ACCOUNT_SID: this is the demo's" in complaint(twilio_account_sid="AC" + "0" * 32)


@pytest.mark.parametrize("given", ["", "mounted"], ids=["in DATA_DIR", "in CARD_KEYS"])
def test_production_refuses_to_sign_with_a_key_that_it_would_have_to_make_up(given: str, tmp_path: Path) -> None:
    folder = tmp_path / given if given else ""
    settings = read_settings(
        {**PRODUCTION, "flow": REPO / "flows" / "vaccine_record", "data_dir": tmp_path, "card_keys": folder}
    )

    with pytest.raises(SettingsWrong, match=r"CARD_KEYS: no key that signs cards in .* 'vaxtext keys new'") as caught:
        build_system(settings)

    assert str(folder or tmp_path / "card_keys") in str(caught.value)


def test_what_is_wrong_with_keys_and_revocation_lists_is_said_with_the_file(tmp_path: Path) -> None:
    settings = complete(read_settings({"flow": REPO / "flows" / "vaccine_record", "data_dir": tmp_path}))
    key = new_key(tmp_path / "card_keys")
    (tmp_path / "crl").mkdir()
    (tmp_path / "crl" / f"{key.kid}.json").write_text("[]")

    with pytest.raises(SettingsWrong, match=rf"DATA_DIR: .*{key.kid}.json is not a card revocation list"):
        build_cards(settings)
    (tmp_path / "card_keys" / f"{key.kid}.jwk").chmod(0o644)
    with pytest.raises(SettingsWrong, match=rf"CARD_KEYS: .*{key.kid}.jwk may be read by others"):
        build_cards(settings)


def test_a_card_key_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = complete(read_settings({"data_dir": tmp_path, "card_keys": tmp_path / "file" / "card_keys"}))

    with pytest.raises(SettingsWrong, match=r"CARD_KEYS: .*card_keys cannot be used: (Not a directory|File exists)"):
        build_cards(settings)


@pytest.mark.parametrize(
    ("name", "value"), [("vaxtext_fault", "text_before_load:kill"), ("vaxtext_clock", "/tmp/ahead")]
)
def test_production_refuses_what_is_for_tests(name: str, value: str) -> None:
    assert f"{name.upper()}: this is for tests" in complaint(**{name: value})


def test_a_fault_that_is_none_is_named() -> None:
    with pytest.raises(SettingsWrong, match="VAXTEXT_FAULT: write point:kind:every"):
        read_settings({"vaxtext_fault": "nowhere:kill"})


@pytest.mark.parametrize(
    "name", ["public_url", "card_issuer", "twilio_fallback_url", "redis_url", "iis_url", "smtp_url"]
)
def test_production_refuses_the_addresses_of_the_example(name: str) -> None:
    example = dict(re.findall(r"^([A-Z_]+)=(.+)$", (REPO / ".env.example").read_text(), re.M))
    value = example.get(name.upper()) or "https://second.example.gov/twilio/fallback"
    value = value.partition("&sslrootcert")[0]

    assert f"{name.upper()}: this is an address of the example; write your own" in complaint(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("redis_url", "rediss://:password@redis.health.test"),
        ("redis_url", "rediss://:aaaaaaaaaaaaaaaa@redis.health.test"),
        ("redis_url", "rediss://:my-secret_password1@redis.health.test"),
        ("iis_url", "postgresql://vaxtext:password@iis.health.test/registry?sslmode=verify-full"),
        ("iis_url", "hl7+https://vaxtext:change-me@iis.health.test/soap?facility=A"),
        ("smtp_url", "smtp://u:x9d3-good-one@a.health.test?from=a@b.cd smtp://u:short@b.health.test?from=a@b.cd"),
        ("twilio_auth_token", "a-token"),
        ("twilio_auth_token", "0123456789abcdef0123456789abcdef,00000000000000000000000000000000"),
        ("twilio_auth_token", "your_auth_token_1234"),
        ("funnel_password", "password_password"),
        ("funnel_password", "1111111111111111"),
    ],
)
def test_production_refuses_what_anybody_would_guess(name: str, value: str) -> None:
    said = complaint(**{name: value})

    assert re.fullmatch(rf"{name.upper()}: (its password|this) is easy to guess or .*", said)
    assert not any(part in said for part in ("change-me", "aaaa", "1111", "short"))


def test_production_refuses_the_number_of_the_example() -> None:
    assert complaint(twilio_from="+15551234567") == "TWILIO_FROM: this is the number of the example; write your own"


@pytest.mark.parametrize(
    "url",
    [
        "redis://:redis-password-41@redis.health.test",
        "REDIS://:redis-password-41@redis.health.test",
        "redis://10.0.0.7:6379/0",
        "rediss://:redis-password-41@redis.health.test?ssl_cert_reqs=none",
        "rediss://:redis-password-41@redis.health.test?ssl_check_hostname=false",
    ],
)
def test_production_asks_no_redis_where_others_could_read_and_write_along(url: str) -> None:
    assert re.fullmatch(
        r"REDIS_URL: must (go by TLS|check the certificate of Redis) in production: .*", complaint(redis_url=url)
    )


@pytest.mark.parametrize(
    "url", ["redis://localhost", "redis://127.0.0.1:6380/1", "redis://[::1]:6379", "unix:///run/redis/redis.sock"]
)
def test_a_redis_on_this_machine_needs_no_tls(url: str) -> None:
    assert read_settings({**PRODUCTION, "redis_url": url}).redis_url == url


@pytest.mark.parametrize("url", ["rediss://redis.health.test", "rediss://user@10.0.0.7:6379/0"])
def test_production_asks_no_redis_of_another_machine_without_a_password(url: str) -> None:
    assert complaint(redis_url=url).startswith("REDIS_URL: has no password, ")


def test_production_refuses_a_key_that_two_rings_share() -> None:
    said = complaint(index_keys=f"2026a:{GOOD}")

    assert said == "INDEX_KEYS: a key of it is in SECRET_KEYS, too; each ring has its own"


@pytest.mark.parametrize("setting", ["secret_keys", "link_pepper", "index_keys", "twilio_auth_token"])
def test_production_refuses_what_the_demo_made_up(setting: str, tmp_path: Path) -> None:
    made = complete(read_settings({"data_dir": tmp_path}))

    said = complaint(data_dir=tmp_path, **{setting: getattr(made, setting)})

    assert said.startswith(f"{setting.upper()}: ")
    assert "made up for the demo" in said


@pytest.mark.parametrize("value", ["1", "true", "on"])
def test_production_refuses_debugging(value: str) -> None:
    assert complaint(flask_debug=value).startswith("FLASK_DEBUG: ")


def test_a_demo_of_an_older_version_gets_the_secrets_that_it_lacks_and_keeps_the_others(tmp_path: Path) -> None:
    old = {"auth_token": new_secret(), "secret_key": new_secret(), "link_pepper": new_secret()}
    (tmp_path / "demo_secrets.json").write_text(json.dumps(old))

    first, second = (complete(read_settings({"data_dir": tmp_path})) for _ in range(2))

    assert first.twilio_auth_token == old["auth_token"]
    assert first.index_keys == second.index_keys != ""
