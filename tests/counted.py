"""Counts what is logged, as in production, but prints nothing; and reads what /metrics says."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics.counting import count
from bot.ports import Services
from bot.readings import exposition


@contextmanager
def counting() -> Iterator[None]:
    """Loggers that were used before keep their list of processors, so that list is what changes."""
    config = structlog.get_config()
    processors, before = config["processors"], [*config["processors"]]
    processors.insert(0, count)
    structlog.configure(processors=processors, logger_factory=structlog.WriteLoggerFactory(io.StringIO()))
    try:
        yield
    finally:
        processors[:] = before
        structlog.configure(**{**config, "processors": processors})


def samples(text: str) -> dict[str, float]:
    """By name and labels: `vaxtext_texts_total{answer=reply}`."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


class Difference:
    """What was counted since it was made: the counters of one test among those of its process."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.before = self._now()

    def __getitem__(self, name: str) -> float:
        return self._now().get(name, 0) - self.before.get(name, 0)

    def _now(self) -> dict[str, float]:
        return samples(exposition(self.services).decode())
