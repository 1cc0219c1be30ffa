"""All of vaxtext for a test, whose processes can be started anew: what lasts is in Redis, in its folder, or outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from whose_record import Known

from bot.config import Settings
from bot.transcripts.app import App, Clock, RecordedDelivery, RecordedJobs, app_of, settings_of_its_own
from bot.wiring import build_system


class Processes:
    """Web and worker in one. Queue, registry, carrier and time are not theirs, and go on as they were."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.known = settings, Known()
        self.jobs, self.clock, self.carrier = RecordedJobs(), Clock(), RecordedDelivery()
        self.system = build_system(settings)
        self.app = self._app()

    def restart(self) -> None:
        """All that they knew by themselves is forgotten."""
        self.system.close()
        self.system, registry_down = build_system(self.settings), self.app.iis.down
        self.app = self._app()
        self.app.iis.down = registry_down

    def _app(self) -> App:
        remembering = replace(self.system, services=self.known.remembered(self.system.services))
        return app_of(remembering, self.jobs, self.clock, self.carrier)


@contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    """With the flow in `folder`, a Redis and a registry of their own."""
    with settings_of_its_own(folder) as settings:
        started = Processes(settings)
        try:
            yield started
        finally:
            started.system.close()
