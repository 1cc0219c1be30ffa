"""The flow as it is on disk now: changes are picked up while people talk, and a broken change is not."""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from bot.conversation.flow import Flow, Words
from bot.conversation.flow_files import check_flow, load_flow
from bot.conversation.problems import FlowBroken, Problem
from bot.flow_folder import flow_paths, read_folder
from bot.ports import StoreUnavailable, Structures

log = structlog.get_logger()

GLANCE = 1.0  # seconds between looks at the folder
Seen = tuple[tuple[str, int, int], ...]


class LiveFlow:
    """Keeps the last good flow. A look at the folder costs some file stats; reading it happens beside the road."""

    def __init__(self, folder: Path, structures: Structures) -> None:
        self.folder = folder
        self.structures = structures
        self.errors: list[Problem] = []
        self._reading = threading.Lock()
        self._older: dict[str, Flow | None] = {}
        self._looked = time.monotonic()
        self._seen = _look(folder)
        self._files = read_folder(folder)
        self._flow = load_flow(self._files, str(folder))
        self._publish()

    def current(self) -> Flow:
        if time.monotonic() - self._looked > GLANCE:
            self._looked = time.monotonic()
            if _look(self.folder) != self._seen:
                threading.Thread(target=self.refresh, name="flow-refresh", daemon=True).start()
        return self._flow

    def older(self, structure: str) -> Flow | None:
        """Read from Redis once in this process; the words are always today's."""
        if structure not in self._older:
            files = self.structures.files(structure)
            self._older[structure] = _sound(files) if files else None
        steps = self._older[structure]
        return in_words_of(self._flow, steps) if steps else None

    def problems(self) -> int:
        return len(self.errors)

    def refresh(self) -> None:
        """Read the folder again; use it if it has no errors, else keep what we have and say so."""
        with self._reading:
            seen = _look(self.folder)
            if seen == self._seen:
                return
            self._seen = seen
            try:
                files = read_folder(self.folder)
                flow, problems = check_flow(files, str(self.folder))
            except FlowBroken as broken:
                flow, problems, files = None, list(broken.problems), {}
            self.errors = [problem for problem in problems if problem.level == "error"]
            if flow is None:
                log.error("flow_broken", errors=len(self.errors), first=str(self.errors[0]))
                return
            self._publish()  # once more, for those who stand in it
            self._flow, self._files = flow, files
            self._publish()
            log.info("flow_changed", structure=flow.structure)

    def _publish(self) -> None:
        """Without Redis nobody can talk, so nobody's steps are lost; the next start or change publishes again."""
        self._older[self._flow.structure] = self._flow
        try:
            self.structures.publish(self._flow.structure, self._files)
        except StoreUnavailable as error:
            log.warning("flow_not_published", reason=str(error))


def in_words_of(current: Flow, older: Flow) -> Flow:
    """Older steps, said as today: only what today's files no longer say comes from the older ones."""
    words = {code: _merged(older.words[code], current.words.get(code)) for code in older.languages}
    return replace(
        older,
        words=words,
        limits=current.limits,
        allowed=current.allowed,
        values={**older.values, **current.values},
        vaccines=current.vaccines,
        brand=current.brand,
        keyword_of={**older.keyword_of, **current.keyword_of},
    )


def _merged(older: Words, current: Words | None) -> Words:
    if current is None:
        return older
    slots = {*older.options, *current.options}
    options = {slot: {**older.options.get(slot, {}), **current.options.get(slot, {})} for slot in slots}
    return replace(current, say={**older.say, **current.say}, options=options)


def _sound(files: Mapping[str, str]) -> Flow | None:
    """Files that were live once may be refused by a checker that has learnt since."""
    return check_flow(files, "published")[0]


def _look(folder: Path) -> Seen:
    found = ((path, path.stat()) for path in flow_paths(folder) if path.is_file())
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in found)
