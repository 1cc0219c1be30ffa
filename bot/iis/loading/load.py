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
from bot.iis.loading.entries import Entry, ManyRejected, Rejected, too_many_rejected
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
    unnamed: int = 0  # of them: records that do not say whose they are
    many_rejected: tuple[ManyRejected, ...] = ()  # files, or all of them together, of which much was rejected
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
            reject_file.write(_rejected(batch))
            result = _added(result, batch)
        result = _judged(result)
        if full:
            result = _without_others(connection, result)
        finish(connection, load_id)
        return result


def _pause() -> float:
    """Seconds between two looks of the progress bar, which must not fill a nightly log."""
    return 0.1 if sys.stderr.isatty() else 30


def _batches(entries: Iterator[Entry | ManyRejected]) -> Iterator[list[Entry | ManyRejected]]:
    while batch := list(islice(entries, BATCH)):
        yield batch


def _save(connection: Connection, batch: Iterable[Entry | ManyRejected], *, full: bool) -> None:
    people = [entry for entry in batch if isinstance(entry, VaccineRecord)]
    doses = [entry for entry in batch if isinstance(entry, Dose)]
    with transaction(connection):
        save_people(connection, people)
        save_doses(connection, doses)
        if full:
            vanished.note(connection, people, doses, {one.person_id for one in _rejected(batch) if one.person_id})


def _added(result: LoadResult, batch: Iterable[Entry | ManyRejected]) -> LoadResult:
    kinds = [type(entry) for entry in batch]
    rejected = _rejected(batch)
    dropped = sum(1 for entry in batch if isinstance(entry, Dose) and entry.given is None)
    return replace(
        result,
        people=result.people + kinds.count(VaccineRecord),
        doses=result.doses + kinds.count(Dose) - dropped,
        dropped=result.dropped + dropped,
        rejected=result.rejected + len(rejected),
        unnamed=result.unnamed + sum(1 for one in rejected if not (one.person_id or one.leaves_file_unread)),
        many_rejected=result.many_rejected + tuple(entry for entry in batch if isinstance(entry, ManyRejected)),
        unread=result.unread
        + tuple(f"{one.where}: {one.reason}. {one.then}" for one in rejected if one.leaves_file_unread),
    )


def _rejected(batch: Iterable[Entry | ManyRejected]) -> list[Rejected]:
    return [entry for entry in batch if isinstance(entry, Rejected)]


def _judged(result: LoadResult) -> LoadResult:
    """Also of many small files, none of which has many that are wrong."""
    records = result.people + result.doses + result.dropped + result.rejected
    if result.many_rejected or not too_many_rejected(result.rejected, records):
        return result
    return replace(result, many_rejected=(ManyRejected("all files", result.rejected, records),))


def _without_others(connection: Connection, result: LoadResult) -> LoadResult:
    if result.unread:
        return replace(result, kept="a file could not be read to its end")
    if result.unnamed:
        return replace(result, kept=f"{result.unnamed:,} of the rejected records do not say whose they are")
    try:
        with transaction(connection):
            return replace(result, vanished=vanished.remove_others(connection))
    except TooManyVanish as error:
        return replace(result, kept=str(error))
