"""The audit trail: every request is on record, by pseudonyms, in rows that nobody can change unseen, for six years."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from conftest import Phone, RecordedJobs
from fakes.post_office import PostOffice
from postgres import Postgres
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.audit.checking import check
from bot.audit.draining import drain, purge
from bot.audit.entry import Entry, moment
from bot.audit.key import AuditKey
from bot.audit.noting import of_delivery
from bot.audit.opening import adding
from bot.audit.schema import upgrade_trail
from bot.audit.tables import metadata
from bot.audit.trail import SqlTrail
from bot.iis.sql.engine import writer
from bot.outbox.course import instead_of
from bot.outbox.delivery import LIFE, Delivery, Message, new_delivery
from bot.ports import Services, TrailUnavailable
from bot.transcripts.app import Clock
from bot.wiring import System

KEY = AuditKey("k1", b"k" * 32)
NOW = 1_795_000_000.0
YEAR = 365.25 * 86_400
ASKED = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "1")


@pytest.fixture
def trail(replica_url: str) -> SqlTrail:
    """In SQLite and in PostgreSQL."""
    upgrade_trail(replica_url)
    return SqlTrail(replica_url, [KEY])


def entry(number: int, at: float = NOW, **facts: str) -> Entry:
    return Entry(f"e{number}", moment(at), "outcome", KEY.id, request=f"r{number}", facts=facts)


def run(trail: SqlTrail, statement: str) -> None:
    with writer(trail.url) as engine, engine.begin() as connection:
        connection.execute(text(statement))


def unguarded(trail: SqlTrail, statement: str) -> None:
    """As who owns the database can do it."""
    if trail.url.startswith("sqlite"):
        drop = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        with writer(trail.url) as engine, engine.begin() as connection:
            for name in connection.scalars(text(drop)).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        run(trail, "ALTER TABLE audit DISABLE TRIGGER ALL")
    run(trail, statement)


def events(services: Services) -> list[str]:
    """What the trail has, after all that waits is written."""
    drain(services)
    rows = list(_trail(services).rows())
    assert check(_trail(services), {}).wrong == ""
    return [f"{row.event} {facts[0]}" if (facts := _outcome(row.facts)) else str(row.event) for row in rows]


def delivery(name: str, **known: str) -> Delivery:
    return replace(new_delivery(name, "chat", Message("+13605550100", "words"), NOW), **known)


def _trail(services: Services) -> SqlTrail:
    assert isinstance(services.trail, SqlTrail)
    return services.trail


def _outcome(facts: str) -> list[str]:
    return re.findall(r'"outcome":"(\w+)"', facts)


def test_a_request_is_on_record_from_the_question_to_the_page(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    phone.text(*ASKED)
    assert events(services) == ["requested"]
    jobs.work()
    link = re.search(r"/r/[a-z2-7]{26}", str(phone.received()[0]["body"]))
    assert link
    phone.client.post(link[0], data={"pin": "4821"})
    for _ in range(5):
        phone.client.post(link[0], data={"pin": "0000"})

    assert events(services) == ["requested", "outcome sent", "delivered", "opened", "burnt"]
    rows = list(_trail(services).rows())
    assert len({row.request for row in rows}) == 1
    assert rows[0].sender == rows[0].contact == rows[2].contact == services.audit.key.pseudonym("contact", phone.number)
    assert re.search(r'"declared_in":"en","declared_words":"[0-9a-f]+","language":"en"', rows[0].facts)


def test_the_truth_about_another_contact_is_on_record(phone: Phone, jobs: RecordedJobs, services: Services) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "nobody@example.org", "AGREE", "4821")
    jobs.work()

    assert events(services) == ["requested", "outcome no_match"]
    (row, _) = _trail(services).rows()
    assert '"contact_is":"email"' in row.facts
    assert row.sender != row.contact


def test_what_was_taken_back_is_on_record(phone: Phone, jobs: RecordedJobs, services: Services) -> None:
    phone.text(*ASKED, "RESTART")
    jobs.work()

    assert events(services) == ["requested", "withdrawn"]


def test_a_message_that_cannot_arrive_is_on_record_with_its_code(post: PostOffice) -> None:
    post.ask()
    post.send()
    post.call_back("undelivered", 30003)

    assert events(post.services) == ["requested", "outcome sent", "accepted", "failed"]
    assert '"code":"30003"' in list(_trail(post.services).rows())[-1].facts


def test_a_message_that_nobody_confirms_is_on_record_in_the_end(post: PostOffice) -> None:
    post.ask()
    post.send()
    post.send(after=LIFE)

    assert events(post.services) == ["requested", "outcome sent", "accepted", "expired"]


def test_the_email_that_goes_instead_is_on_record_under_the_same_request() -> None:
    before = delivery("text", link="token", chat="vt:s:x")
    email = instead_of(replace(before, instead=Message("a@example.org", "words")))
    assert email

    (entry,) = of_delivery(KEY, email, replace(email, state="delivered"), NOW)

    assert (entry.event, entry.facts) == ("delivered", {"contact_is": "email"})
    assert entry.request == KEY.pseudonym("request", before.work_id)


def test_a_message_without_a_record_is_not_on_record() -> None:
    before = delivery("text")

    assert list(of_delivery(KEY, before, replace(before, state="delivered"), NOW)) == []


def test_a_postgresql_that_is_killed_and_comes_back_gets_everything_once(
    phone: Phone, jobs: RecordedJobs, services: Services, postgres: Postgres, postgres_url: str
) -> None:
    upgrade_trail(postgres_url)
    served = replace(services, trail=SqlTrail(postgres_url, [services.audit.key]))
    phone.text(*ASKED)
    drain(served)
    postgres.kill()
    try:
        jobs.work()
        assert drain(served) == 0
    finally:
        postgres.start_again()

    assert events(served) == ["requested", "outcome sent", "delivered"]


def test_a_user_of_postgresql_who_may_only_add_and_purge_is_enough(postgres: Postgres, postgres_url: str) -> None:
    trail = SqlTrail(postgres_url, [KEY])
    upgrade_trail(postgres_url)
    user = f"adds_{secrets.token_hex(4)}"
    run(trail, f"CREATE ROLE {user} LOGIN PASSWORD 'pw'")
    run(trail, f"GRANT SELECT, INSERT, DELETE ON audit TO {user}")
    narrow = SqlTrail(postgres.url(postgres_url.rpartition("/")[2], user=user, password="pw"), [KEY])

    narrow.write([entry(1, NOW - 7 * YEAR), entry(2)])
    assert narrow.purge(NOW) == 1

    assert check(narrow, {}).wrong == ""
    for statement in ("ALTER TABLE audit DISABLE TRIGGER ALL", "UPDATE audit SET facts = ''", "TRUNCATE audit"):
        with pytest.raises(DBAPIError):
            run(narrow, statement)
    run(trail, f"DROP OWNED BY {user}")
    run(trail, f"DROP ROLE {user}")


def test_in_sqlite_what_is_written_is_on_the_disk(tmp_path: Path) -> None:
    with adding(f"sqlite:///{tmp_path}/audit.db") as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == 2


def test_what_cannot_be_opened_is_kept_and_said_and_stops_nothing(
    phone: Phone, services: Services, system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    system.client.xadd("vt:a", {"e": b"lost.key"})
    phone.text(*ASKED)

    assert events(services) == ["requested"]
    assert "audit_unreadable" in capsys.readouterr().out
    assert services.audit.backlog().entries == 1


def test_two_workers_write_one_trail(phone: Phone, jobs: RecordedJobs, services: Services) -> None:
    phone.text(*ASKED)
    jobs.work()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: drain(services), range(4)))

    assert events(services) == ["requested", "outcome sent", "delivered"]


def test_work_that_runs_again_is_on_record_once(phone: Phone, jobs: RecordedJobs, services: Services) -> None:
    phone.text(*ASKED)
    again = list(jobs.queued)
    jobs.work()
    jobs.queued += again
    jobs.work()

    assert events(services) == ["requested", "outcome sent", "delivered"]


def test_a_database_that_is_away_loses_nothing_and_keeps_nobody_waiting(
    phone: Phone, jobs: RecordedJobs, services: Services, tmp_path: Path
) -> None:
    away = replace(services, trail=SqlTrail(f"sqlite:///{tmp_path}/none/audit.db", [services.audit.key]))
    (tmp_path / "none").write_text("no folder")

    phone.text(*ASKED)
    jobs.work()
    assert drain(away) == 0
    assert services.audit.backlog().entries == 3

    assert events(services) == ["requested", "outcome sent", "delivered"]
    assert services.audit.backlog().entries == 0


def test_what_was_written_before_a_crash_is_not_written_again(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    phone.text(*ASKED)
    for page in services.audit.pages():
        services.trail.write([one for _, one in page])

    assert events(services) == ["requested"]


def test_the_migrations_make_the_table_that_the_program_reads(trail: SqlTrail) -> None:
    upgrade_trail(trail.url)
    with writer(trail.url) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "audit_version"})
        assert compare_metadata(context, metadata) == []


def test_without_its_table_the_trail_says_what_to_run(replica_url: str) -> None:
    with pytest.raises(TrailUnavailable, match="vaxtext audit upgrade"):
        SqlTrail(replica_url, [KEY]).write([entry(1)])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET facts = '{}' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "INSERT OR REPLACE INTO audit SELECT seq, 'x', at, event, request, sender, contact, reference, facts, key_id, "
        "chain, chained_by FROM audit",
    ],
)
def test_the_database_refuses_to_change_or_remove_a_row(trail: SqlTrail, statement: str) -> None:
    trail.write([entry(1), entry(2), entry(3)])

    with pytest.raises(DBAPIError):
        run(trail, statement)

    assert [row.id for row in trail.rows()] == ["e1", "e2", "e3"]
    assert check(trail, {}).wrong == ""


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET facts = '{}' WHERE seq = 2", "row 2 is changed"),
        ("UPDATE audit SET facts = '{}' WHERE seq = 1", "row 1 is changed"),
        ("UPDATE audit SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 4", "row 4 is changed"),
        ("DELETE FROM audit WHERE seq = 2", "rows 2 to 2 are gone"),
        ("DELETE FROM audit WHERE seq = 1", "rows before it are gone"),
        ("DELETE FROM audit WHERE seq = 4", "rows are gone: there were 4"),
    ],
)
def test_whoever_changes_or_removes_a_row_all_the_same_is_seen(trail: SqlTrail, statement: str, said: str) -> None:
    trail.write([entry(number, outcome="sent") for number in range(1, 5)])
    before = check(trail, {})

    unguarded(trail, statement)

    assert said in check(trail, {before.last: before.chain[:16]}).wrong


def test_another_key_does_not_continue_the_chain(trail: SqlTrail) -> None:
    trail.write([entry(1), entry(2)])

    assert check(SqlTrail(trail.url, [AuditKey("k2", b"x" * 32)]), {}).wrong


def test_keys_can_be_changed(trail: SqlTrail) -> None:
    trail.write([entry(1)])
    both = SqlTrail(trail.url, [AuditKey("k2", b"x" * 32), KEY])
    both.write([entry(2)])

    assert check(both, {}).wrong == ""


def test_after_six_years_a_row_is_removed_and_the_chain_still_has_its_beginning(trail: SqlTrail) -> None:
    clock = Clock(NOW - 7 * YEAR)
    for number in range(1, 8):
        trail.write([entry(number, clock())])
        clock.wait(YEAR)

    assert trail.purge(NOW) == 1
    assert trail.purge(NOW) == 0

    assert [row.id for row in trail.rows()] == [*(f"e{number}" for number in range(2, 8)), "purged:1"]
    assert check(trail, {}).wrong == ""
    unguarded(trail, "DELETE FROM audit WHERE seq = 2")
    assert check(trail, {}).wrong


def test_a_clock_that_is_wrong_removes_nothing(trail: SqlTrail) -> None:
    trail.write([entry(1)])

    with pytest.raises(TrailUnavailable, match="younger than six years"):
        trail.purge(NOW + 8 * YEAR)

    assert [row.id for row in trail.rows()] == ["e1"]


def test_the_worker_removes_what_is_too_old(services: Services) -> None:
    services.trail.write([entry(1, services.now() - 7 * YEAR)])

    assert purge(services) == 1
