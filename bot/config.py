"""Settings: read once, checked at start, wrong ones named in a sentence."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.addresses import spelled
from bot.cards.trust_file import check_trust_file
from bot.delivery.accounts import Account, accounts_with
from bot.delivery.smtp import SmtpAddress
from bot.fault_points import Fault, read_faults
from bot.iis.http.tls import PUBLIC, Tls
from bot.iis.opening import check_url, is_copy, unsafe_way
from bot.key_settings import RINGS, read_ring
from bot.key_settings import texts as key_texts
from bot.records import E164
from bot.secret_files import SECRETS, SecretFiles, open_to_all, readable_by_all, refuse_open
from bot.store.sealing import KeyRing
from bot.weak import demo_secrets
from bot.weak import of_account as weak_account
from bot.weak import problems as weak_values

DEMO_ACCOUNT = "AC" + "0" * 32
DEMO_REGISTRY = "demo_iis.db"
DEMO_TRAIL = "demo_audit.db"
ERASABLE = ("inbound", "outbound", "media")
CONTACT = re.compile(r"mailto:[\w.+-]+@[\w.-]+|https://[!-~]+|tel:\+\d{7,15}", re.ASCII)
FILES = {
    "iis_private_key": "a private key (PEM or JWK)",
    "iis_ca_file": "the certificates (PEM) of the registry's authorities",
    "iis_client_cert": "a certificate (PEM)",
    "iis_client_key": "a private key (PEM)",
}
NEEDED = (
    "PUBLIC_URL REDIS_URL IIS_URL AUDIT_URL TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_FROM SMTP_URL "
    "SECRET_KEYS LINK_PEPPER INDEX_KEYS AUDIT_KEYS CARD_ISSUER"
).split()


class SettingsWrong(Exception):
    """The start stops here. The text names every wrong setting and says what to write."""


class Settings(SecretFiles, BaseSettings):
    """All settings, by the names of their environment variables in small letters."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True)

    environment: Literal["demo", "production"] = "demo"
    port: int = Field(default=8000, ge=1, le=65535)
    funnel_password: str = Field(default="", repr=False)
    security_contact: str = ""
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    worker_port: int = Field(default=0, ge=0, le=65535)
    trusted_proxies: int | None = Field(default=None, ge=0, le=9)
    public_url: str = ""
    redis_url: str = ""
    iis_url: str = Field(default="", repr=False)
    iis_private_key: Path | None = None
    iis_ca_file: Path | None = None
    iis_client_cert: Path | None = None
    iis_client_key: Path | None = None
    audit_url: str = Field(default="", repr=False)
    iis_timeout: float = Field(default=5, gt=0, le=30)
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_from: str = ""
    twilio_api_url: str = ""
    twilio_fallback_url: str = ""
    answer_within: int = Field(default=60, ge=5, le=24 * 60)
    twilio_rate: float | None = Field(default=None, gt=0, le=1000)
    twilio_senders: Path | None = None
    twilio_delete: str = ""
    smtp_url: str = ""
    secret_keys: str = Field(default="", repr=False)
    link_pepper: str = Field(default="", repr=False)
    index_keys: str = Field(default="", repr=False)
    log_keys: str = Field(default="", repr=False)
    audit_keys: str = Field(default="", repr=False)
    card_issuer: str = ""
    card_keys: Path | None = None
    trusted_issuers: Path | None = None
    flow: Path = Path("flows/vaccine_record")
    data_dir: Path = Path("var")
    flask_debug: str = ""
    vaxtext_fault: str = ""
    vaxtext_clock: Path | None = None

    def __repr__(self) -> str:
        return f"Settings(environment={self.environment!r})"

    __str__ = __repr__

    @property
    def demo(self) -> bool:
        return self.environment == "demo"

    @property
    def iis_tls(self) -> Tls:
        return Tls(self.iis_ca_file, self.iis_client_cert, self.iis_client_key)

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """Twilio's tokens: the first signs and sends, all are accepted, so that one can replace another."""
        return tuple(_words(self.twilio_auth_token))

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Of TWILIO_* and of TWILIO_SENDERS; none in a demo without Twilio. Raises ValueError."""
        if not self.twilio_from:
            return ()
        rates = {self.twilio_from: self.twilio_rate} if self.twilio_rate else {}
        sid, tokens, sender = self.twilio_account_sid, self.auth_tokens, self.twilio_from
        first = Account(sid, tokens, (sender,), self.twilio_api_url, rates=rates)
        return accounts_with(first, self.twilio_senders) if self.twilio_senders else (first,)

    @property
    def erases(self) -> frozenset[str]:
        """What is to be erased at Twilio once it is no longer needed."""
        return frozenset(_words(self.twilio_delete))

    @property
    def relays(self) -> tuple[SmtpAddress, ...]:
        """The mail servers, the preferred one first."""
        return tuple(SmtpAddress.parse(url, tls_required=not self.demo) for url in self.smtp_url.split())

    def ring(self, name: str) -> KeyRing:
        """One of RINGS, such as "secret_keys"; without keys where the setting is empty."""
        text = getattr(self, name)
        return read_ring(text) if text else KeyRing({})

    def open_to_all(self) -> Sequence[Path]:
        """Files with secrets, mounted from elsewhere, that every user of this machine may read."""
        others = (self.twilio_senders, self.iis_private_key, self.iis_client_key)
        return readable_by_all(file for file in (*map(self.file_of, SECRETS), *others) if file)

    @property
    def card_keys_folder(self) -> Path:
        return self.card_keys or self.data_dir / "card_keys"

    @property
    def crl_folder(self) -> Path:
        """Never where the keys are: those may be mounted read-only."""
        return self.data_dir / "crl"

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What tests make happen, and where."""
        return read_faults(self.vaxtext_fault)

    @field_validator(
        "public_url", "card_issuer", "twilio_api_url", "twilio_fallback_url", "redis_url", "iis_url", "audit_url"
    )
    @classmethod
    def _spelled(cls, value: str) -> str:
        return spelled(value)

    @field_validator("public_url", "card_issuer", "twilio_api_url", "twilio_fallback_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
            raise ValueError("write an address such as https://records.example.gov, without a slash at the end")
        return value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not _is_redis(value):
            raise ValueError(
                "write redis://host:6379/0, or rediss:// with TLS; a password as in redis://:password@host"
            )
        return value

    @field_validator("iis_url")
    @classmethod
    def _registry(cls, value: str) -> str:
        if value:
            check_url(value)
        return value

    @field_validator("audit_url")
    @classmethod
    def _trail(cls, value: str) -> str:
        if value and not is_copy(value):
            raise ValueError("write postgresql://user:password@host/name or sqlite:////srv/vaxtext/audit.db")
        if value:
            check_url(value)
        return value

    @field_validator("twilio_delete")
    @classmethod
    def _erasable(cls, value: str) -> str:
        if not set(_words(value)) <= set(ERASABLE):
            raise ValueError(f"write any of {', '.join(ERASABLE)}, with commas between; empty for nothing")
        return value

    @field_validator("iis_private_key", "iis_ca_file", "iis_client_cert", "iis_client_key", mode="before")
    @classmethod
    def _file(cls, value: Any, field: ValidationInfo) -> Any:
        if value and not os.access(value, os.R_OK):
            raise ValueError(f"name a file with {FILES[str(field.field_name)]} that this process may read")
        return value or None

    @field_validator("card_keys", "twilio_senders", "twilio_rate", "trusted_proxies", "vaxtext_clock", mode="before")
    @classmethod
    def _or_none(cls, value: Any) -> Any:
        return None if value in ("", None) else value

    @field_validator("trusted_issuers", mode="before")
    @classmethod
    def _issuers(cls, value: Any) -> Any:
        if value:
            check_trust_file(Path(value))
        return value or None

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        urls = [spelled(url) for url in value.split()]
        for url in urls:
            SmtpAddress.parse(url, tls_required=True)
        return " ".join(urls)

    @field_validator("funnel_password")
    @classmethod
    def _long(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("write 16 characters or more, best random ones; empty for no such page")
        return value

    @field_validator("security_contact")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if not all(CONTACT.fullmatch(word) for word in value.split()):
            raise ValueError("write mailto:security@health.example.gov, https:// and a page, or tel:+15551234567")
        return value

    @field_validator("twilio_auth_token")
    @classmethod
    def _tokens(cls, value: str) -> str:
        if value and not value.strip(" ,"):
            raise ValueError("write the account's auth token; while one replaces another, both with a comma between")
        return value

    @field_validator(*RINGS)
    @classmethod
    def _ring(cls, value: str) -> str:
        if value:
            read_ring(value)
        return value

    @field_validator("vaxtext_fault")
    @classmethod
    def _faults(cls, value: str) -> str:
        read_faults(value)
        return value

    @field_validator("twilio_account_sid")
    @classmethod
    def _sid(cls, value: str) -> str:
        if value and not re.fullmatch(r"AC[0-9a-f]{32}", value):
            raise ValueError("write the account's SID: AC and 32 hexadecimal digits")
        return value

    @field_validator("twilio_from")
    @classmethod
    def _phone(cls, value: str) -> str:
        if value and not E164.fullmatch(value):
            raise ValueError("write the number that residents text, such as +15551234567")
        return value


def read_settings(environ: Mapping[str, Any] | None = None, *, all_of_them: bool = True) -> Settings:
    """Read the environment (and `.env`), or the mapping given. Raises SettingsWrong.

    Not `all_of_them`: what is given must be right, but what production needs may be missing yet.
    """
    try:
        settings = Settings() if environ is None else Settings(_env_file=None, **environ)  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsWrong("\n".join(_sentences(error))) from None
    if all_of_them:
        env_file = _open_env_file(settings) if environ is None else ()
        _raise(
            [
                *env_file,
                *_production_problems(settings),
                *_pairs(settings),
                *_senders(settings),
                *_certificates(settings),
            ]
        )
    return settings


def read_registry_settings() -> Settings:
    """The settings of a machine that has to do with the registry alone, and so may hold none of the others."""
    settings = read_settings(all_of_them=False)
    needed = () if settings.demo else (*_missing(settings, ["IIS_URL"]), *_registry_problems(settings))
    _raise([*needed, *_certificates(settings)])
    return settings


def _raise(problems: Sequence[str]) -> None:
    if problems:
        raise SettingsWrong("\n".join(problems))


def _sentences(error: ValidationError) -> Iterator[str]:
    for detail in error.errors():
        name = ".".join(str(part) for part in detail["loc"]).upper()
        said = detail.get("ctx", {}).get("error", detail["msg"])
        yield f"{name}: {said}" if name else str(said)  # of several settings, each with its name


def _pairs(settings: Settings) -> Iterator[str]:
    """Settings that mean nothing alone."""
    twilio = {
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
        "TWILIO_FROM": settings.twilio_from,
    }
    if any(twilio.values()):
        yield from (
            f"{name}: missing, but other Twilio settings are given" for name, value in twilio.items() if not value
        )


def _senders(settings: Settings) -> Iterator[str]:
    if settings.twilio_senders and not settings.twilio_from:
        yield "TWILIO_SENDERS: means nothing without TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM"
        return
    try:
        accounts = settings.accounts
    except ValueError as error:
        yield from (f"TWILIO_SENDERS: {line}" for line in str(error).splitlines())
        return
    for account in accounts[1:]:
        if not settings.demo and account.api_url.startswith("http://"):
            yield f"TWILIO_SENDERS: account {account.sid}: api_url must begin with https:// in production"
        if not settings.demo:
            found = weak_account(account.sid, account.tokens, account.senders, demo_secrets(settings.data_dir))
            yield from (f"TWILIO_SENDERS: {problem}" for problem in found)


def _open_env_file(settings: Settings) -> Sequence[str]:
    """Whoever wrote it: what is in it is for this process alone."""
    file = Path(str(Settings.model_config["env_file"]))
    if settings.demo or not file.exists() or not open_to_all(file):
        return ()
    return [f"{file}: every user of this machine may read its secrets; type: chmod 600 {file.absolute()}"]


def _certificates(settings: Settings) -> Iterator[str]:
    """Whether the files are what they should be, before anybody waits for a registry."""
    if settings.iis_client_key and not settings.iis_client_cert:
        yield "IIS_CLIENT_CERT: missing, but IIS_CLIENT_KEY is given"
    if settings.iis_tls != PUBLIC:
        try:
            settings.iis_tls.context()
        except ValueError as error:
            yield str(error)


def _production_problems(settings: Settings) -> Iterator[str]:
    """Production runs on nothing that the demo made up."""
    if settings.demo:
        return
    yield from _missing(settings, NEEDED)
    if settings.trusted_proxies is None:
        yield "TRUSTED_PROXIES: missing; write how many proxies stand in front of the web process, 0 for none"
    if settings.twilio_account_sid == DEMO_ACCOUNT:
        yield "TWILIO_ACCOUNT_SID: this is the demo's account; write your own"
    for name in ("PUBLIC_URL", "CARD_ISSUER", "TWILIO_API_URL", "TWILIO_FALLBACK_URL"):
        if getattr(settings, name.lower()).startswith("http://"):
            yield f"{name}: must begin with https:// in production"
    for name in ("VAXTEXT_FAULT", "VAXTEXT_CLOCK"):
        if getattr(settings, name.lower()):
            yield f"{name}: this is for tests; leave it away in production"
    if settings.flask_debug.lower() not in ("", "0", "false", "no"):
        yield "FLASK_DEBUG: it shows strangers what is in memory; leave it away in production"
    yield from weak_values({name.upper(): str(getattr(settings, name) or "") for name in Settings.model_fields})
    yield from _secrets_elsewhere(settings)
    yield from _registry_problems(settings)
    yield from _trail_problems(settings)


def _secrets_elsewhere(settings: Settings) -> Iterator[str]:
    """Secrets that something else knows, too: the demo, another ring, everybody on this machine."""
    known, made_up = dict[str, str](), demo_secrets(settings.data_dir)
    if made_up & set(settings.auth_tokens):
        yield "TWILIO_AUTH_TOKEN: this was made up for the demo; write your own"
    for name in RINGS:
        for key in key_texts(getattr(settings, name)).values():
            if key in made_up:
                yield f"{name.upper()}: a key of it was made up for the demo; 'vaxtext keys secret' prints another"
            if key in known:
                yield f"{name.upper()}: a key of it is in {known[key].upper()}, too; each ring has its own"
            known[key] = name
    for field in ("twilio_senders", "iis_private_key", "iis_client_key"):
        try:
            if file := getattr(settings, field):
                refuse_open(file)
        except (ValueError, OSError) as error:
            yield f"{field.upper()}: {error}"


def _missing(settings: Settings, needed: Iterable[str]) -> Iterator[str]:
    for name in needed:
        if not getattr(settings, name.lower()):
            yield f"{name}: missing; production has no default for it"


def _registry_problems(settings: Settings) -> Iterator[str]:
    if unsafe := unsafe_way(settings.iis_url):
        yield f"IIS_URL: {unsafe}"
    if settings.iis_url.endswith(f"/{DEMO_REGISTRY}"):
        yield "IIS_URL: this is the demo's registry; name the state's"


def _trail_problems(settings: Settings) -> Iterator[str]:
    if unsafe := unsafe_way(settings.audit_url):
        yield f"AUDIT_URL: {unsafe}"
    if settings.audit_url.endswith(f"/{DEMO_TRAIL}"):
        yield "AUDIT_URL: this is the demo's audit trail; name your own"


def _words(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.split(",")) if word]


def _is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "unix" or (
            parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
        )
    except ValueError:  # its text may hold a piece of the password
        return False
