"""All of vaxtext for a test, whose processes can be started anew: what lasts is in Redis, in its folder, or outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from whose_record import Known

from bot.config import Settings, read_settings
from bot.iis.demo_people import seed
from bot.store.embedded import EmbeddedRedis
from bot.transcripts.app import App, Clock, FixedFlow, RecordedDelivery, RecordedJobs, SwitchedIIS
from bot.transcripts.coverage import Watch
from bot.wiring import System, build_app, build_system


class Processes:
    """Web and worker in one. Queue, registry, carrier and time are not theirs, and go on as they were."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.known = settings, Known()
        self.jobs, self.clock, self.carrier = RecordedJobs(), Clock(), RecordedDelivery()
        self.system = build_system(settings)
        self.app = self._app(self.system, registry_down=False)

    def restart(self) -> None:
        """All that they knew by themselves is forgotten."""
        self.system.close()
        self.system = build_system(self.settings)
        self.app = self._app(self.system, registry_down=self.app.iis.down)

    def _app(self, system: System, *, registry_down: bool) -> App:
        flow, iis = system.services.flow, SwitchedIIS(system.services.iis, registry_down)
        around = {"flows": FixedFlow(flow), "jobs": self.jobs, "now": self.clock, "iis": iis, "carrier": self.carrier}
        self.jobs.services = self.known.remembered(replace(system.services, **around))
        flask = build_app(replace(system, services=self.jobs.services))
        return App(flask, system.client, flow, self.jobs, self.clock, iis, self.carrier, Watch())


@contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    """With the flow in `folder`, a Redis and a folder of their own, and the demo's registry."""
    with TemporaryDirectory(prefix="vaxtext-") as name, EmbeddedRedis(Path(name) / "redis") as server:
        registry = f"sqlite:///{name}/iis.db"
        seed(registry)
        given = {"flow": folder, "data_dir": name, "redis_url": server.url, "iis_url": registry}
        started = Processes(read_settings(given))
        try:
            yield started
        finally:
            started.system.close()
