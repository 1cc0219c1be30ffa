"""What is measured when Prometheus asks: ages, Redis, the key that signs cards, the certificate for the registry."""

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bot.metrics.counters import begin_at_zero
from bot.ports import Services, StoreUnavailable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
UP = "Whether Redis takes a value and gives it back now."
OF_REDIS = {
    "vaxtext_oldest_delivery_seconds": "For how long the oldest message waits that is to be sent and no carrier took.",
    "vaxtext_oldest_job_seconds": "For how long the oldest request waits.",
    "vaxtext_deliveries_open": "Messages that are not known to have arrived.",
    "vaxtext_jobs_open": "Requests that wait or are being done.",
    "vaxtext_redis_memory_bytes": "Memory that Redis uses.",
    "vaxtext_redis_memory_limit_bytes": "Memory that Redis may use; 0: no limit.",
    "vaxtext_workers": "Workers that said something in the last five minutes.",
    "vaxtext_worker_last_seen_timestamp_seconds": "The newest word of any worker; 0: none for five minutes.",
}
AUDIT_WAITING = "Entries that wait to be written into the audit trail."
AUDIT_OLDEST = "For how long the oldest of them waits."
PROVIDERS = "What each provider has left of its share of the messages, in percent."
ERASURES = "Messages and pictures that are still to be erased at Twilio."
FLOW_ERRORS = "Errors that keep the flow files on disk from being used."
CARD_KEY = "When the key that signs cards was made."
CERTIFICATE = "When the certificate by which the registry knows us ends."


class Readings(Collector):
    """Without Redis only `vaxtext_redis_up` 0, and what needs none."""

    def __init__(self, services: Services, certificate: Path | None = None) -> None:
        self.services = services
        self.certificate = certificate

    def describe(self) -> list[Metric]:
        """Nothing is asked while it is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            self.services.vitals.check()
            found = list(self._of_redis())
        except StoreUnavailable:
            yield _gauge("vaxtext_redis_up", UP, 0)
        else:
            yield _gauge("vaxtext_redis_up", UP, 1)
            yield from found
        yield _gauge("vaxtext_flow_errors", FLOW_ERRORS, self.services.flows.problems())
        yield _gauge("vaxtext_card_key_created_timestamp_seconds", CARD_KEY, self.services.cards.signing_since())
        if self.certificate:
            yield _gauge("vaxtext_registry_certificate_ends_timestamp_seconds", CERTIFICATE, _ends(self.certificate))

    def _of_redis(self) -> Iterator[Metric]:
        vitals, now = self.services.vitals, self.services.now()
        waiting, memory, workers = vitals.waiting(now), vitals.memory(), vitals.workers(now)
        values = (
            waiting.oldest_delivery,
            waiting.oldest_job,
            waiting.deliveries,
            waiting.jobs,
            memory.used,
            memory.most,
            len(workers),
            max((beat.at for beat in workers), default=0),
        )
        for (name, words), value in zip(OF_REDIS.items(), values, strict=True):
            yield _gauge(name, words, value)
        backlog = self.services.audit.backlog()
        yield _gauge("vaxtext_audit_waiting", AUDIT_WAITING, backlog.entries)
        yield _gauge("vaxtext_oldest_audit_seconds", AUDIT_OLDEST, backlog.oldest)
        shares = GaugeMetricFamily("vaxtext_provider_percent", PROVIDERS, labels=["provider"])
        for provider, percent in self.services.shares().items():
            shares.add_metric([provider], percent)
        yield shares
        yield _gauge("vaxtext_erasures_open", ERASURES, self.services.erasures.waiting())


def exposition(services: Services, certificate: Path | None = None) -> bytes:
    """What /metrics answers: the counters of all processes under one gunicorn, or of this process, and the readings."""
    begin_at_zero()
    now, shared = CollectorRegistry(), CollectorRegistry()
    now.register(Readings(services, certificate))
    try:
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        counted = generate_latest(shared)
    except ValueError:  # this process counts for itself alone
        counted = generate_latest(REGISTRY)
    return counted + generate_latest(now)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value)


def _ends(path: Path) -> float:
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.timestamp()
