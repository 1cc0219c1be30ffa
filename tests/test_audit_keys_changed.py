"""After a change of keys the trail goes on with the new one: whoever has an old key makes no row that looks right."""

from pathlib import Path

import orjson
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from bot.audit.checking import check
from bot.audit.entry import Entry, moment
from bot.audit.key import AuditKey
from bot.audit.opening import adding
from bot.audit.schema import MIGRATIONS, upgrade_trail
from bot.audit.tables import audit
from bot.audit.trail import TEXTS, SqlTrail
from bot.iis.sql.engine import writer
from bot.ports import TrailUnavailable

OLD, NEW, UNUSED = AuditKey("2025", b"o" * 32), AuditKey("2026", b"n" * 32), AuditKey("lost", b"u" * 32)


@pytest.fixture
def url(replica_url: str) -> str:
    upgrade_trail(replica_url)
    return replica_url


def entry(name: str, key: AuditKey) -> Entry:
    return Entry(name, moment(1_795_000_000.0), "outcome", key.id, request=f"r{name}", facts={"outcome": "sent"})


def changed(url: str) -> SqlTrail:
    """A trail that went on with a new key, as the check reads it."""
    SqlTrail(url, [OLD]).write([entry("a", OLD), entry("b", OLD)])
    trail = SqlTrail(url, [NEW, OLD])
    trail.write([entry("c", NEW)])
    return trail


def forge(trail: SqlTrail, key: AuditKey, *, says: str) -> None:
    """Put in one more row, chained by this key, past all that this program does."""
    last = list(trail.rows())[-1]
    values = {name: f"forged {name}" for name in TEXTS} | {"facts": "{}", "event": "outcome", "key_id": key.id}
    texts = [last.seq + 1, *(values[name] for name in TEXTS)]
    chain = key.link(str(last.chain), orjson.dumps([*texts, says] if says else texts))
    with writer(trail.url) as engine, engine.begin() as connection:
        if not says and trail.url.startswith("sqlite"):
            connection.execute(text("DROP TRIGGER audit_chained"))
        connection.execute(insert(audit), [{"seq": last.seq + 1, **values, "chain": chain, "chained_by": says}])


def before_0002(url: str, entries: int) -> None:
    """A table and rows as they were before each row said who chained it."""
    with adding(url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, "0001")
        chain = ""
        for seq in range(1, entries + 1):
            values = {name: f"{name} {seq}" for name in TEXTS} | {"facts": "{}", "event": "outcome", "key_id": OLD.id}
            chain = OLD.link(chain, orjson.dumps([seq, *(values[name] for name in TEXTS)]))
            connection.execute(text(INSERT_AS_BEFORE), {"seq": seq, **values, "chain": chain})


INSERT_AS_BEFORE = f"INSERT INTO audit (seq, {', '.join(TEXTS)}, chain) VALUES (:seq, :{', :'.join(TEXTS)}, :chain)"


def test_the_chain_goes_on_over_a_change_of_keys(url: str) -> None:
    trail = changed(url)

    assert check(trail, {}).wrong == ""
    assert [row.chained_by for row in trail.rows()] == ["2025", "2025", "2026"]


@pytest.mark.parametrize("says", ["2025", ""], ids=["and says so", "and does not say so"])
def test_a_row_that_the_old_key_chained_after_the_change_is_found(url: str, says: str) -> None:
    trail = changed(url)

    forge(trail, OLD, says=says)

    assert "row 4" in check(trail, {}).wrong
    assert "put" in check(trail, {}).wrong


def test_a_row_of_a_key_that_never_chained_one_and_was_replaced_is_found(url: str) -> None:
    changed(url)
    ring = SqlTrail(url, [NEW, UNUSED, OLD])

    forge(ring, UNUSED, says="lost")

    assert "row 4 is chained by the key lost, after 2026 had taken over" in check(ring, {}).wrong


def test_no_row_can_be_said_to_be_of_the_new_key_by_who_has_the_old(url: str) -> None:
    trail = changed(url)

    forge(trail, OLD, says="2026")

    assert check(trail, {}).wrong == "row 4 is changed"


def test_a_key_that_is_not_in_the_ring_is_named(url: str) -> None:
    changed(url)

    assert "the key 2026, which AUDIT_KEYS does not have" in check(SqlTrail(url, [OLD]), {}).wrong


def test_a_worker_with_the_order_of_before_waits_for_one_that_has_the_new(url: str) -> None:
    trail = changed(url)
    late = SqlTrail(url, [OLD, NEW])

    with pytest.raises(TrailUnavailable, match="set AUDIT_KEYS here as it is elsewhere"):
        late.write([entry("d", OLD)])

    assert trail.write([entry("d", OLD)]) == 1  # pseudonyms of the old key, chained by the new
    assert check(trail, {}).wrong == ""


def test_a_forged_row_of_the_old_key_stops_nobody(url: str) -> None:
    trail = changed(url)
    forge(trail, OLD, says="2025")

    assert trail.write([entry("d", NEW)]) == 1


def test_rows_of_before_stay_valid_and_are_gone_on_from(replica_url: str) -> None:
    before_0002(replica_url, 3)
    seen = check_before(replica_url)

    upgrade_trail(replica_url)
    trail = SqlTrail(replica_url, [NEW, OLD])
    trail.write([entry("a", NEW)])

    assert check(trail, {3: seen}).wrong == ""
    assert [row.chained_by for row in trail.rows()] == ["", "", "", "2026"]
    with writer(replica_url) as engine, engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(INSERT_AS_BEFORE), {"seq": 5, **dict.fromkeys(TEXTS, "x"), "chain": "x"})


def test_a_row_that_named_its_key_cannot_be_made_one_of_before(replica_url: str) -> None:
    before_0002(replica_url, 1)
    upgrade_trail(replica_url)
    trail = SqlTrail(replica_url, [NEW, OLD])
    trail.write([entry("a", NEW)])

    with writer(replica_url) as engine, engine.begin() as connection:
        for guard in _guards(replica_url):
            connection.execute(text(guard))
        connection.execute(text("UPDATE audit SET chained_by = '' WHERE seq = 2"))

    assert check(trail, {}).wrong == "row 2 is changed"


def test_a_table_of_before_says_what_to_run(replica_url: str) -> None:
    before_0002(replica_url, 1)

    with pytest.raises(TrailUnavailable, match="older version: run 'vaxtext audit upgrade'"):
        SqlTrail(replica_url, [OLD]).write([entry("a", OLD)])


def test_the_demo_upgrades_its_own_table(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/audit.db"
    before_0002(url, 2)

    trail = SqlTrail(url, [OLD], makes_tables=True)
    trail.write([entry("a", OLD)])

    assert check(trail, {}) == check(SqlTrail(url, [OLD]), {})
    assert check(trail, {}).rows == 3


def check_before(url: str) -> str:
    """What a check of before said of the last row."""
    with writer(url) as engine, engine.connect() as connection:
        return str(connection.scalar(text("SELECT chain FROM audit ORDER BY seq DESC LIMIT 1")))[:16]


def _guards(url: str) -> list[str]:
    return ["DROP TRIGGER audit_update"] if url.startswith("sqlite") else ["ALTER TABLE audit DISABLE TRIGGER ALL"]
