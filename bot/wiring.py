"""Puts the parts together: the only place that chooses who keeps which promise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import redis
import structlog
from dramatiq.brokers.redis import RedisBroker
from flask import Flask

from bot.audit.trail import SqlTrail
from bot.cards.crl import Crls
from bot.cards.issuer import SmartHealthCards
from bot.cards.keys.folder import list_keys
from bot.cards.keys.ring import load_or_create
from bot.cards.trust import Directory
from bot.cards.trust_file import TrustFile
from bot.clock import ahead, clock
from bot.config import DEMO_REGISTRY, Settings, SettingsWrong
from bot.delivery.accounts import Account
from bot.delivery.by_contact import ByContact
from bot.delivery.console import ConsoleDelivery, Outbox
from bot.delivery.relays import Relays, relay_name
from bot.delivery.smtp import SmtpDelivery
from bot.delivery.twilio_eraser import TwilioEraser
from bot.delivery.twilio_inbox import TwilioInbox
from bot.delivery.twilio_rest import TwilioDelivery
from bot.delivery.ways import Way, Ways
from bot.demo_defaults import complete, one_at_a_time
from bot.fault_points import arm
from bot.flow_folder import open_flow
from bot.iis.demo_people import demo_people, seed
from bot.iis.opening import Dialect, open_dialect
from bot.iis.resilient import Patience, ResilientIIS
from bot.live_flow import LiveFlow
from bot.ports import Carrier, IISRejected, Inbox, Services
from bot.store.audit import RedisAudit, audit_keys
from bot.store.connect import connect
from bot.store.deliveries import RedisDeliveries
from bot.store.embedded import EmbeddedRedis
from bot.store.erasures import RedisErasures
from bot.store.fitness import look_at
from bot.store.funnel import RedisFunnel
from bot.store.healths import RedisHealths
from bot.store.heard import RedisHeard
from bot.store.limits import RedisLimits
from bot.store.links import RedisLinks
from bot.store.locks import RedisLocks
from bot.store.media import RedisMedia
from bot.store.naming import Names
from bot.store.queue import DramatiqJobs, build_broker
from bot.store.refusals import RedisRefusals
from bot.store.sessions import RedisSessions
from bot.store.signs import Signs
from bot.store.stops import RedisStops
from bot.store.structures import RedisStructures
from bot.store.timetable import RedisTimetable
from bot.store.vitals import RedisVitals
from bot.store.wrong_pins import LIMIT, RedisWrongPins
from bot.web.signature import Signature
from bot.web.site import Site, create_app, no_wait
from bot.web.trust_list import TrustList

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class System:
    """All of vaxtext in one process."""

    settings: Settings
    services: Services
    client: redis.Redis
    broker: RedisBroker
    redis_server: EmbeddedRedis | None

    def close(self) -> None:
        self.broker.close()
        self.services.iis.close()
        self.client.close()
        if self.redis_server:
            self.redis_server.stop()


def build_system(given: Settings) -> System:
    """Raises FlowBroken, RedisDidNotStart or SettingsWrong, whose texts are for the operator."""
    settings = complete(given) if given.demo else given
    arm(settings.faults if settings.demo else ())
    now = clock(settings.vaxtext_clock)
    open_flow(settings.flow)  # a broken flow never starts, whatever else is wrong
    server = None if settings.redis_url else EmbeddedRedis(settings.data_dir / "redis")
    if server:
        server.start()
    client = connect(settings.redis_url or (server.url if server else ""))
    if not settings.demo:
        _look_at_redis(client)
        for file in settings.open_to_all():
            log.warning("secret_readable_by_all", file=str(file))
    broker = build_broker(client)
    if settings.demo and not given.iis_url:
        _seed_demo(settings)
    ring, peppers = settings.ring("secret_keys"), settings.ring("link_pepper")
    names = Names(settings.ring("index_keys").derived("vaxtext index"))
    accounts = settings.accounts
    flows = LiveFlow(settings.flow, RedisStructures(client))
    wrong_pins = RedisWrongPins(client, names, lambda: flows.current().allowed[LIMIT][0])
    audit = RedisAudit(client, ring, audit_keys(settings.ring("audit_keys"))[0], now)
    healths = RedisHealths(client, now)
    services = Services(
        flows=flows,
        sessions=RedisSessions(client, ring, names),
        jobs=DramatiqJobs(broker, now),
        links=RedisLinks(client, peppers, wrong_pins, audit),
        media=RedisMedia(client, peppers),
        limits=RedisLimits(client, names, lambda: ahead(settings.vaxtext_clock)),
        locks=RedisLocks(client),
        iis=_patient_registry(settings, client, names, now),
        cards=build_cards(settings),
        deliveries=RedisDeliveries(client, ring),
        carrier=_carrier(settings, accounts, client, healths, now),
        shares=_shares(settings, accounts, healths),
        vitals=RedisVitals(client, ring),
        funnel=RedisFunnel(client),
        heard=RedisHeard(client),
        stops=RedisStops(client, names),
        audit=audit,
        trail=SqlTrail(settings.audit_url, [audit.key], makes_tables=settings.demo),
        erasures=RedisErasures(client),
        eraser=TwilioEraser(accounts) if accounts else None,
        erases=settings.erases if accounts else frozenset(),
        inboxes=_inboxes(accounts),
        answer_within=settings.answer_within * 60,
        public_url=settings.public_url,
        now=now,
        who=Signs(settings.ring("log_keys")).of,
    )
    return System(settings, services, client, broker, server)


def _look_at_redis(client: redis.Redis) -> None:
    """Raises SettingsWrong. One that is away now keeps nobody from starting: residents are told to try later."""
    try:
        seen = look_at(client)
    except redis.RedisError as error:
        log.warning("redis_unchecked", what=[], reason=type(error).__name__)
        return
    finally:
        client.connection_pool.disconnect()  # gunicorn forks, and every process has connections of its own
    if wrong := list(seen.wrong()):
        raise SettingsWrong("\n".join(f"REDIS_URL: {sentence}" for sentence in wrong))
    if unseen := seen.unseen():
        log.warning("redis_unchecked", what=unseen, reason="not told")


def _seed_demo(settings: Settings) -> None:
    """Raises SettingsWrong for a file that another version left, or whatever else is there."""
    with one_at_a_time(settings.data_dir / "demo_iis.lock"):
        try:
            seed(settings.iis_url)
        except IISRejected as error:
            file = settings.data_dir / DEMO_REGISTRY
            raise SettingsWrong(f"{file}: {error}. For the demo, delete that file: its people are made anew.") from None


def build_app(system: System, blur: Callable[[], None] = no_wait) -> Flask:
    """`blur` is called before each answer to a text; what is served to residents waits there."""
    settings = system.settings
    _say_where_readers_look(settings)
    accounts = settings.accounts
    trusted = TrustFile(settings.trusted_issuers)
    _say_who_is_old(trusted.directory(), clock(settings.vaxtext_clock)())
    site = Site(
        services=system.services,
        signatures=_signatures(settings, accounts),
        account_sid=settings.twilio_account_sid,
        card_issuer=settings.card_issuer,
        trust_list=TrustList(system.services.cards, settings.card_issuer, trusted),
        senders=_senders(accounts),
        funnel_password=settings.funnel_password,
        security_contacts=settings.security_contact.split(),
        metrics_port=settings.metrics_port,
        proxies=settings.trusted_proxies or 0,
        certificate=settings.iis_client_cert,
        issuer_path=urlsplit(settings.card_issuer).path,
        outbox=outbox_path(settings) if settings.demo else None,
        people=demo_people() if settings.iis_url.endswith(DEMO_REGISTRY) else (),
        blur=blur,
    )
    return create_app(site)


def _signatures(settings: Settings, accounts: Sequence[Account]) -> dict[str, Signature]:
    """By account: what one signs is not believed of another."""
    tokens = {settings.twilio_account_sid: settings.auth_tokens}
    tokens |= {account.sid: account.tokens for account in accounts}
    elsewhere = (settings.twilio_fallback_url,) if settings.twilio_fallback_url else ()
    return {sid: Signature(settings.public_url, known, elsewhere) for sid, known in tokens.items()}


def _say_where_readers_look(settings: Settings) -> None:
    """We answer under the issuer's path, but whether its host leads to us is in nobody's settings."""
    if urlsplit(settings.card_issuer).netloc != urlsplit(settings.public_url).netloc:
        log.warning("issuer_is_another_host", must_lead_here=f"{settings.card_issuer}/.well-known/")


def _say_who_is_old(others: Directory, now: float) -> None:
    """Their cards could not be checked, until somebody runs `vaxtext trust update`."""
    if old := others.old(now):
        log.warning("trusted_issuers_old", issuers=[issuer.iss for issuer in old])


def _patient_registry(settings: Settings, client: redis.Redis, names: Names, now: Callable[[], float]) -> ResilientIIS:
    """All processes that show the registry the same credentials know together how it took them."""
    files = (settings.iis_private_key, settings.iis_client_cert)
    dialect = open_registry(settings)
    shown = (settings.iis_url.encode(), *(file.read_bytes() for file in files if file))
    refusals = RedisRefusals(client, names.of_credentials("vt:b", *shown), now)
    return ResilientIIS(dialect, Patience(timeout=settings.iis_timeout), refusals)


def open_registry(settings: Settings) -> Dialect:
    """The registry as it is, without patience. Raises SettingsWrong."""
    file = settings.iis_private_key
    try:
        key = file.read_bytes() if file else None
        return open_dialect(settings.iis_url, timeout=settings.iis_timeout, private_key=key, tls=settings.iis_tls)
    except (OSError, ValueError) as error:
        raise SettingsWrong(f"IIS_URL and its files: {error}") from None


def build_cards(settings: Settings) -> SmartHealthCards:
    """The issuer with its keys and revocation lists. Raises SettingsWrong."""
    folder = settings.card_keys_folder
    try:
        if not settings.demo and not list_keys(folder):
            raise SettingsWrong(f"CARD_KEYS: no key that signs cards in {folder}; make one with 'vaxtext keys new'")
        keys = load_or_create(folder)
    except ValueError as error:
        raise SettingsWrong(f"CARD_KEYS: {error}") from None
    except OSError as error:
        raise SettingsWrong(f"CARD_KEYS: {folder} cannot be used: {error.strerror}") from None
    try:
        return SmartHealthCards(settings.card_issuer, keys, Crls(settings.crl_folder))
    except ValueError as error:
        raise SettingsWrong(f"DATA_DIR: {error}") from None


def outbox_path(settings: Settings) -> Path:
    return settings.data_dir / "outbox.jsonl"


def _senders(accounts: Sequence[Account]) -> list[str]:
    return [sender for account in accounts for sender in account.senders]


def _inboxes(accounts: Sequence[Account]) -> list[Inbox]:
    """One for each number; of a messaging service Twilio keeps no list by itself, but of each of its numbers."""
    ours = _senders(accounts)
    return [
        TwilioInbox(account.sid, account.tokens[0], sender, account.api_url, ours=ours)
        for account in accounts
        for sender in account.senders
        if not sender.startswith("MG")
    ]


def _carrier(
    settings: Settings,
    accounts: Sequence[Account],
    client: redis.Redis,
    healths: RedisHealths,
    now: Callable[[], float],
) -> Carrier:
    """Twilio and SMTP where their settings are given; the demo writes down every message besides."""
    ways = [way for account in accounts for way in ways_of(account, settings.public_url)]
    phones: Carrier = Ways(ways, healths, RedisTimetable(client, now)) if ways else ConsoleDelivery()
    relays = [SmtpDelivery(address) for address in settings.relays]
    mailboxes: Carrier = Relays(relays, healths) if relays else ConsoleDelivery()
    both = ByContact(phones, mailboxes)
    return Outbox(both, outbox_path(settings)) if settings.demo else both


def _shares(settings: Settings, accounts: Sequence[Account], healths: RedisHealths) -> Callable[[], Mapping[str, int]]:
    """By a provider's number among the settings, which says nothing of whose it is: 1, 2... and mail-1, mail-2..."""
    relays = map(relay_name, settings.relays)
    numbered = {str(number): account.sid for number, account in enumerate(accounts, 1)}
    numbered |= {f"mail-{number}": relay for number, relay in enumerate(relays, 1)}
    return lambda: {number: healths.percent(provider) for number, provider in numbered.items()}


def ways_of(account: Account, public_url: str) -> list[Way]:
    """A way by each sender of an account."""
    token, status_url = account.tokens[0], f"{public_url}/twilio/status"
    return [
        Way(
            sender=sender,
            provider=account.sid,
            weight=account.weight,
            rate=account.rate(sender),
            carrier=TwilioDelivery(account.sid, token, sender, status_url, account.api_url),
        )
        for sender in account.senders
    ]
