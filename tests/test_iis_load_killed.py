"""A load that is watched, doubled or killed."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from fakes.until import until
from sqlalchemy import func, select

from bot.iis.loading.load import BATCH, load_files
from bot.iis.sql.engine import writer
from bot.iis.sql.schema import upgrade_schema
from bot.iis.sql.tables import contact, immunization, load, person
from bot.ports import IISUnavailable

HEADER = "person_id,family,given,birth_date,phone,cvx,date\n"
LOAD = """
import sys
from pathlib import Path
from bot.iis.loading.load import load_files
load_files(sys.argv[1], [Path(sys.argv[2])], rejects=Path(sys.argv[3]), full=True)
"""


def lines(people, phone="36055"):
    return "".join(f"p{n},Reyes,Ana,1985-03-27,{phone}{n:05},208,2021-04-08\n" for n in people)


@contextmanager
def a_load_half_way(url, folder, content):
    """A load in another process that has taken all of this content and waits for more."""
    pipe = folder / "people.csv"
    os.mkfifo(pipe)
    loader = subprocess.Popen([sys.executable, "-c", LOAD, url, str(pipe), str(folder / "rejects.csv")])
    with pipe.open("w") as file:
        file.write(content)
        file.flush()
        yield loader, file
    loader.wait()
    pipe.unlink()


def held(url):
    with writer(url) as engine, engine.connect() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (person, contact, immunization)
        ]


def test_a_load_that_was_killed_leaves_whole_people_removes_nobody_and_can_be_run_again(replica_url, tmp_path):
    (tmp_path / "before.csv").write_text(HEADER + lines([0]))
    load_files(replica_url, [tmp_path / "before.csv"], rejects=tmp_path / "rejects.csv")
    with a_load_half_way(replica_url, tmp_path, HEADER + lines(range(1, BATCH * 3))) as (loader, _):
        until(lambda: held(replica_url)[0] > BATCH)
        loader.kill()
        loader.wait()

    people, contacts, doses = held(replica_url)
    assert people == contacts
    assert people - doses in (0, 1)  # the batch may end between a person and her dose
    (tmp_path / "again.csv").write_text(HEADER + lines(range(BATCH * 3)))
    load_files(replica_url, [tmp_path / "again.csv"], rejects=tmp_path / "rejects.csv", full=True)
    assert held(replica_url) == [BATCH * 3] * 3
    with writer(replica_url) as engine, engine.connect() as connection:
        finished = connection.execute(select(load.c.finished_at.is_not(None)).order_by(load.c.id)).scalars()
        assert list(finished) == [True, False, True]


def test_while_one_load_runs_another_is_refused(replica_url, tmp_path):
    (tmp_path / "second.csv").write_text(HEADER)
    upgrade_schema(replica_url)

    with a_load_half_way(replica_url, tmp_path, HEADER + lines(range(BATCH))) as _:
        until(lambda: held(replica_url)[0])
        with pytest.raises(IISUnavailable, match="another load is still running"):
            load_files(replica_url, [tmp_path / "second.csv"], rejects=tmp_path / "rejects.csv")
