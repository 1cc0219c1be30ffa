"""Fills the registry's copy from files, some hundred resources at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from bot.iis.dose import Dose
from bot.iis.engine import translated, writer
from bot.iis.entries import Entry, Rejected
from bot.iis.fhir_files import read_files
from bot.iis.replica import save_doses, save_people
from bot.iis.sql import create_schema
from bot.records import VaccineRecord

BATCH = 1000  # resources in one transaction, and in memory


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What was loaded, and how many resources, lines and files could not be."""

    people: int = 0
    doses: int = 0
    rejected: int = 0


def load_files(url: str, paths: Sequence[Path], *, progress: bool, report: Callable[[str], None]) -> LoadResult:
    """Load people and doses, in whatever order they come; loading a file twice changes nothing.

    What is wrong goes to `report` as "file:line: reason", and the rest is loaded. Raises IISUnavailable or
    IISRejected.
    """
    create_schema(url)
    size = sum(path.stat().st_size for path in paths if path.is_file())
    with (
        writer(url) as engine,
        tqdm(total=size, unit="B", unit_scale=True, disable=not progress) as bar,
    ):
        result = LoadResult()
        for batch in _batches(read_files(paths, bar.update)):
            with translated(), engine.begin() as connection:
                save_people(connection, [entry for entry in batch if isinstance(entry, VaccineRecord)])
                save_doses(connection, [entry for entry in batch if isinstance(entry, Dose)])
            with bar.external_write_mode():
                _report(batch, report)
            result = _added(result, batch)
    return result


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, BATCH)):
        yield batch


def _report(batch: Iterable[Entry], report: Callable[[str], None]) -> None:
    for entry in batch:
        if isinstance(entry, Rejected):
            report(f"{entry.where}: {entry.reason}")


def _added(result: LoadResult, batch: Iterable[Entry]) -> LoadResult:
    kinds = [type(entry) for entry in batch if not (isinstance(entry, Dose) and entry.given is None)]
    return LoadResult(
        people=result.people + kinds.count(VaccineRecord),
        doses=result.doses + kinds.count(Dose),
        rejected=result.rejected + kinds.count(Rejected),
    )
