"""How fast the registry's copy is loaded and asked: people from files into SQLite and PostgreSQL.

`make bench-replica`, with BENCH_ARGS="--people 200000 --kind csv" for less. PostgreSQL is a throw-away server of the
tests'. People are made up; one in twenty has the clinic's number, as where providers fill in their own.
"""

import csv
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import click
import orjson
from postgres import Postgres, find_programs

from bot.iis.sql.iis import SqlIIS
from bot.records import Demographics

FAMILIES = "Reyes Nguyen Smith García O'Neill Kim Haddad Okafor Muñoz-Peña Kowalski Andersen 王".split()
GIVEN = "Ana José Linh Grace Omar Ruth Tom Priya Mia Noah Fatima Lars".split()
CLINIC = "+12065550100"
BORN = date(1930, 1, 1)
LOAD = """
import resource, sys
from pathlib import Path
from bot.iis.loading.load import load_files
result = load_files(sys.argv[1], [Path(sys.argv[2])], rejects=Path(sys.argv[3]), full=sys.argv[4] == "full")
usage = resource.getrusage(resource.RUSAGE_SELF)
print(result.people, result.doses, round(usage.ru_utime + usage.ru_stime), usage.ru_maxrss // 1024)
"""

Row = dict[str, Any]


@click.command()
@click.option("--people", default=1_000_000, show_default=True)
@click.option("--kind", type=click.Choice(["csv", "ndjson"]), multiple=True, default=("csv", "ndjson"))
@click.option(
    "--database", type=click.Choice(["sqlite", "postgresql"]), multiple=True, default=("sqlite", "postgresql")
)
def main(people: int, kind: tuple[str, ...], database: tuple[str, ...]) -> None:
    """Print rates, memory and times."""
    with tempfile.TemporaryDirectory() as folder:
        files = {one: _file(Path(folder) / f"people.{one}", people) for one in kind}
        for name in database:
            for one, file in files.items():
                with _registry(name, Path(folder)) as url:
                    _bench(f"{name}, {one}", url, file, people)


def _bench(name: str, url: str, file: Path, people: int) -> None:
    for what in ("first load", "same again", "full"):
        began = time.perf_counter()
        command = [sys.executable, "-c", LOAD, url, str(file), f"{file}.rejects", what]
        loaded, doses, cpu, megabytes = subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout.split()
        seconds = time.perf_counter() - began
        click.echo(
            f"{name}, {what}: {int(loaded):,} people, {int(doses):,} doses in {seconds / 60:.1f} min, "
            f"{people / seconds:,.0f} people/s, {cpu} s of CPU, {megabytes} MB at most"
        )
    iis = SqlIIS(url)
    for what, ask in {"her own phone": _own, "the clinic's phone": _clinic, "nobody": _nobody}.items():
        _ask(f"{name}, find by {what}", iis, ask, people)
    iis.close()


def _ask(name: str, iis: SqlIIS, ask: Callable[[Row], Demographics], people: int) -> None:
    chosen = random.Random(7)
    times, found = [], 0
    for _ in range(2000):
        who = ask(_person(20 * chosen.randrange(people // 20)))  # those with the clinic's number, and one of her own
        began = time.perf_counter()
        found += iis.find(who) is not None
        times.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(times, n=100)
    click.echo(f"{name}: p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms, found {found} of {len(times)}")


def _own(person: Row) -> Demographics:
    return Demographics(person["given"], person["family"], person["birth_date"], person["phones"][0])


def _clinic(person: Row) -> Demographics:
    return Demographics(person["given"], person["family"], person["birth_date"], CLINIC)


def _nobody(person: Row) -> Demographics:
    return Demographics(person["given"], person["family"], person["birth_date"], "+12065550199")


def _person(number: int) -> Row:
    """Always the same for a number."""
    chosen = random.Random(number)
    phones = [f"+1{chosen.randrange(201, 990)}{chosen.randrange(2000000, 9999999)}"]
    return {
        "person_id": f"{chosen.getrandbits(64):016x}",  # as registries' ids, in no order
        "family": chosen.choice(FAMILIES),
        "given": chosen.choice(GIVEN),
        "birth_date": BORN + timedelta(chosen.randrange(365 * 90)),
        "phones": [*phones, CLINIC] if number % 20 == 0 else phones,
        "email": f"p{number}@example.org" if number % 2 else "",
        "doses": [date(2021, 1, 1) + timedelta(chosen.randrange(1200)) for _ in range(number % 6)],
    }


def _file(path: Path, people: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        persons = map(_person, range(people))
        if path.suffix == ".csv":
            lines = csv.writer(file)
            lines.writerow("person_id family given birth_date phone email dose_id cvx date lot place mvx".split())
            lines.writerows(row for person in persons for row in _rows(person))
        else:
            file.writelines(f"{orjson.dumps(one).decode()}\n" for person in persons for one in _resources(person))
    click.echo(f"{path.name}: {path.stat().st_size / 1e6:,.0f} MB")
    return path


def _rows(person: Row) -> Iterator[tuple[Any, ...]]:
    who = (*(person[key] for key in ("person_id", "family", "given", "birth_date")), ";".join(person["phones"]))
    who = (*who, person["email"])
    for number, day in enumerate(person["doses"]):
        yield (*who, f"{person['person_id']}-{number}", "208", day, "EW0162", "Main Street Pharmacy", "PFR")
    if not person["doses"]:
        yield (*who, *[""] * 6)


def _resources(person: Row) -> Iterator[Row]:
    reached = [{"system": "phone", "value": phone} for phone in person["phones"]]
    if person["email"]:
        reached.append({"system": "email", "value": person["email"]})
    yield {
        "resourceType": "Patient",
        "id": person["person_id"],
        "name": [{"family": person["family"], "given": [person["given"]]}],
        "birthDate": person["birth_date"],
        "telecom": reached,
    }
    for number, day in enumerate(person["doses"]):
        yield {
            "resourceType": "Immunization",
            "id": f"{person['person_id']}-{number}",
            "status": "completed",
            "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "208"}]},
            "patient": {"reference": f"Patient/{person['person_id']}"},
            "occurrenceDateTime": day,
            "lotNumber": "EW0162",
            "location": {"display": "Main Street Pharmacy"},
        }


@contextmanager
def _registry(name: str, folder: Path) -> Iterator[str]:
    if name == "sqlite":
        with tempfile.TemporaryDirectory(dir=folder) as inner:
            yield f"sqlite:///{inner}/iis.db"
        return
    programs = find_programs()
    if programs is None:
        raise click.ClickException("there is no PostgreSQL: apt-get install postgresql")
    server = Postgres(programs, Path(tempfile.mkdtemp(prefix="vaxtext-")))
    try:
        server.start()
        yield server.url("postgres")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
