"""Fills the registry's copy from files, some thousand people and doses at a time."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection
from tqdm import tqdm

from bot.iis.dose import Dose
from bot.iis.loading import vanished
from bot.iis.loading.entries import Entry, Rejected
from bot.iis.loading.files import read_files
from bot.iis.loading.loads import begin, finish, only_load, transaction
from bot.iis.loading.rejects import RejectFile
from bot.iis.loading.vanished import TooManyVanish, Vanished
from bot.iis.sql.engine import PATIENCE, writer
from bot.iis.sql.replica import save_doses, save_people
from bot.iis.sql.schema import upgrade_schema
from bot.records import VaccineRecord

BATCH = 2000  # people and doses in one transaction, and in memory


@dataclass(frozen=True, slots=True)
class LoadResult:
    """How much was in the files."""

    people: int = 0
    doses: int = 0
    dropped: int = 0  # doses that were entered in error, refused or deleted
    rejected: int = 0  # records, lines and files that could not be loaded
    unread: tuple[str, ...] = ()  # of them: files that could not be read to their end, and why
    vanished: Vanished | None = None  # who was removed, after a full load
    kept: str = ""  # after a full load: why nobody was removed


def load_files(
    url: str,
    paths: Sequence[Path],
    *,
    rejects: Path,
    full: bool = False,
    progress: bool = False,
    patience: float = PATIENCE,
) -> LoadResult:
    """Load people and doses, in whatever order they come; loading a file twice changes nothing.

    What is wrong goes to the file `rejects`, and the rest is loaded. `full`: the files hold the whole registry,
    and whoever is not in them is removed, unless they look cut off. `patience`: seconds for a database that is locked
    or silent. Raises IISUnavailable, IISRejected, or OSError for a list of rejects that cannot be written.
    """
    upgrade_schema(url, patience=patience)
    size = sum(path.stat().st_size for path in paths if path.is_file())
    with (
        writer(url, patience=patience) as engine,
        only_load(engine) as connection,
        RejectFile(rejects) as reject_file,
        tqdm(total=size, unit="B", unit_scale=True, mininterval=_pause(), disable=not progress) as bar,
    ):
        load_id = begin(connection, full=full)
        result = LoadResult()
        for batch in _batches(read_files(paths, bar.update)):
            _save(connection, batch, full=full)
            reject_file.write(entry for entry in batch if isinstance(entry, Rejected))
            result = _added(result, batch)
        if full:
            result = _without_others(connection, result)
        finish(connection, load_id)
        return result


def _pause() -> float:
    """Seconds between two looks of the progress bar, which must not fill a nightly log."""
    return 0.1 if sys.stderr.isatty() else 30


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, BATCH)):
        yield batch


def _save(connection: Connection, batch: Iterable[Entry], *, full: bool) -> None:
    people = [entry for entry in batch if isinstance(entry, VaccineRecord)]
    doses = [entry for entry in batch if isinstance(entry, Dose)]
    with transaction(connection):
        save_people(connection, people)
        save_doses(connection, doses)
        if full:
            vanished.note(connection, people, doses)


def _added(result: LoadResult, batch: Iterable[Entry]) -> LoadResult:
    kinds = [type(entry) for entry in batch]
    dropped = sum(1 for entry in batch if isinstance(entry, Dose) and entry.given is None)
    return replace(
        result,
        people=result.people + kinds.count(VaccineRecord),
        doses=result.doses + kinds.count(Dose) - dropped,
        dropped=result.dropped + dropped,
        rejected=result.rejected + kinds.count(Rejected),
        unread=result.unread + tuple(_unread(batch)),
    )


def _unread(batch: Iterable[Entry]) -> Iterator[str]:
    for entry in batch:
        if isinstance(entry, Rejected) and entry.leaves_file_unread:
            yield f"{entry.where}: {entry.reason}"


def _without_others(connection: Connection, result: LoadResult) -> LoadResult:
    if result.unread:
        return replace(result, kept="a file could not be read to its end")
    try:
        with transaction(connection):
            return replace(result, vanished=vanished.remove_others(connection))
    except TooManyVanish as error:
        return replace(result, kept=str(error))
