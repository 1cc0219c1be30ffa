"""Which key signs is written in the keys' own files, private halves stay private, and running processes follow."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import structlog
from joserfc.jwk import ECKey

from bot.cards.jwks import KEPT
from bot.cards.keys.changes import CannotChange, retired, rotated
from bot.cards.keys.folder import change, is_mounted, list_keys, new_key
from bot.cards.keys.key import make_key
from bot.cards.keys.order import State, have_signed, published, signing, state
from bot.cards.keys.ring import KeyRing, load_or_create
from bot.cards.rid import rid_of
from bot.store.sealing import derive

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
START = """
import sys
from pathlib import Path
from bot.cards.keys.ring import load_or_create
print("ready", flush=True)
sys.stdin.readline()
print(load_or_create(Path(sys.argv[1])).signing(4e9).kid)
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "var" / "card_keys"


def signs(folder, at=None):
    return KeyRing(folder).signing((at or datetime.now(UTC)).timestamp()).kid


def rotate(folder, at, **how):
    return change(folder, lambda keys: rotated(keys, at, **how))


def retire(folder, kid, at, **how):
    return change(folder, lambda keys: retired(keys, kid, at, **how))


def states(folder, at):
    keys = list_keys(folder)
    return [state(key, keys, at) for key in keys]


def old_form(folder, created):
    """A file as every version before wrote it: nothing says from when it signs."""
    key = make_key(created)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{key.kid}.jwk"
    path.write_text(json.dumps({name: value for name, value in key.jwk.items() if name != "signs_from"}, indent=1))
    path.chmod(0o600)
    return key


def mounted(tmp_path, *keys, mode=0o440):
    """A folder as Kubernetes mounts a secret: links through ..data, which is swapped as a whole."""
    folder = tmp_path / "secret"
    put_into_secret(folder, "first", keys, mode)
    return folder


def put_into_secret(folder, name, keys, mode=0o440):
    data = folder / f"..{name}"
    data.mkdir(parents=True)
    for key in keys:
        (data / f"{key.kid}.jwk").write_text(key.text())
        (data / f"{key.kid}.jwk").chmod(mode)
        if not (folder / f"{key.kid}.jwk").is_symlink():
            (folder / f"{key.kid}.jwk").symlink_to(f"..data/{key.kid}.jwk")
    (folder / "..data_tmp").symlink_to(data.name)
    (folder / "..data_tmp").rename(folder / "..data")


def test_the_first_start_makes_a_key_that_signs_and_the_second_finds_it(folder):
    first, second = load_or_create(folder), load_or_create(folder)

    assert first.signing(4e9).kid == second.signing(4e9).kid
    assert [path.name for path in folder.glob("*.jwk")] == [f"{signs(folder)}.jwk"]


def test_only_the_owner_may_read_the_keys(folder):
    load_or_create(folder)
    new_key(folder)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_processes_that_start_together_sign_with_one_key(folder):
    command = [sys.executable, "-c", START, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    kids = {process.communicate(timeout=60)[0].strip() for process in processes}

    assert kids == {key.kid for key in list_keys(folder)}
    assert len(kids) == 1


def test_threads_that_start_together_sign_with_one_key(folder):
    gate = Barrier(16)

    def start(_):
        gate.wait()
        return load_or_create(folder).signing(4e9).kid

    with ThreadPoolExecutor(16) as pool:
        kids = set(pool.map(start, range(16)))

    assert len(kids) == 1
    assert len(list_keys(folder)) == 1


def test_a_running_process_publishes_a_new_key_at_once_and_signs_with_it_after_the_rotation(folder):
    running = load_or_create(folder)
    now = datetime.now(UTC)
    old = running.signing(now.timestamp()).kid

    new = new_key(folder).kid
    assert [key.kid for key in running.published()] == [new, old]
    assert running.signing((now + 2 * HOUR).timestamp()).kid == old

    rotate(folder, now + 2 * HOUR)
    assert running.signing((now + 2 * HOUR).timestamp()).kid == new
    assert [key.kid for key in running.published()] == [new, old]


def test_the_next_key_does_not_sign_before_every_reader_can_know_it(folder):
    first, second = new_key(folder), new_key(folder)
    known = second.public_since + timedelta(seconds=KEPT)

    with pytest.raises(CannotChange, match=rf"(?s){second.kid} has been public since .*Type this again after .*--now"):
        rotate(folder, known - timedelta(seconds=1))
    assert signs(folder, known) == first.kid

    rotate(folder, known)
    assert signs(folder, known) == second.kid


def test_a_rotation_does_not_change_since_when_a_key_is_public(folder):
    new_key(folder)
    second = new_key(folder)

    rotate(folder, second.public_since, at_once=True)

    assert list_keys(folder)[1].public_since == second.public_since


def test_a_file_that_is_written_over_in_place_is_seen(folder):
    running = load_or_create(folder)
    second = new_key(folder)
    assert running.signing(4e9).kid != second.kid

    path = folder / f"{second.kid}.jwk"
    path.write_text(path.read_text().replace('"signs_from": null', '"signs_from": "2020-01-01T00:00:00+00:00"'))

    assert running.signing(4e9).kid == second.kid


def test_a_key_that_was_copied_here_counts_as_public_since_then(folder):
    new_key(folder, NOW - 30 * 24 * HOUR)
    later = new_key(folder, NOW - 24 * HOUR)
    os.utime(folder / f"{later.kid}.jwk", (NOW.timestamp(), NOW.timestamp()))

    with pytest.raises(CannotChange, match="2026-03-01 09:00:00 UTC"):
        rotate(folder, NOW + HOUR / 2)


def test_in_a_hurry_a_key_signs_as_soon_as_every_process_has_seen_it(folder):
    first, second = new_key(folder), new_key(folder)
    seen = second.public_since + timedelta(seconds=60)

    rotate(folder, second.public_since, at_once=True)

    assert signs(folder, seen - timedelta(seconds=1)) == first.kid
    assert signs(folder, seen) == second.kid


def test_keys_sign_in_the_order_in_which_they_were_made(folder):
    kids = [new_key(folder).kid for _ in range(3)]
    now = datetime.now(UTC) + 2 * HOUR

    assert [key.kid for key in list_keys(folder)] == kids
    order = [signs(folder, now)]
    for hours in range(2):
        rotate(folder, now + hours * HOUR)
        order.append(signs(folder, now + hours * HOUR))
    assert order == kids
    with pytest.raises(CannotChange, match=r"There is no next key\. Make one: vaxtext keys new"):
        rotate(folder, now + 2 * HOUR)


def test_states_through_the_life_of_keys(folder):
    first = new_key(folder)
    now = datetime.now(UTC) + 2 * HOUR
    assert states(folder, now) == [State.SIGNS]

    new_key(folder)
    assert states(folder, now) == [State.SIGNS, State.NEXT]

    rotate(folder, now)
    assert states(folder, now) == [State.FORMER, State.SIGNS]

    retire(folder, first.kid, now)
    assert states(folder, now) == [State.RETIRED, State.SIGNS]

    retire(folder, first.kid, now, leaked=True)
    assert states(folder, now) == [State.LEAKED, State.SIGNS]


def test_a_retired_key_has_no_private_half_on_disk_stays_public_and_still_names_its_cards(folder):
    first, _ = new_key(folder), new_key(folder)
    now = datetime.now(UTC) + 2 * HOUR
    rotate(folder, now)

    retire(folder, first.kid, now)

    (left,) = [key for key in list_keys(folder) if key.kid == first.kid]
    assert not any(first.jwk["d"] in path.read_text() for path in folder.iterdir())
    assert not left.ec.is_private
    assert first.kid in [key.kid for key in published(list_keys(folder))]
    assert rid_of(left.rid_secret, left.kid, "p1") == rid_of(first.rid_secret, first.kid, "p1")
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_the_old_content_of_a_retired_key_is_written_over(folder):
    first, _ = new_key(folder), new_key(folder)
    now = datetime.now(UTC) + 2 * HOUR
    rotate(folder, now)

    with (folder / f"{first.kid}.jwk").open() as old:
        retire(folder, first.kid, now)

        assert set(old.read()) == {"\0"}


def test_a_leaked_key_is_no_longer_public(folder):
    first, second = new_key(folder), new_key(folder)
    now = datetime.now(UTC) + 2 * HOUR
    rotate(folder, now)

    retire(folder, first.kid, now, leaked=True)

    assert [key.kid for key in KeyRing(folder).published()] == [second.kid]
    assert [key.kid for key in have_signed(list_keys(folder), now)] == [second.kid]


def test_the_key_that_signs_is_never_retired(folder):
    first = new_key(folder)
    now = datetime.now(UTC)

    with pytest.raises(CannotChange, match="vaxtext keys new, then vaxtext keys rotate"):
        retire(folder, first.kid, now)
    second = new_key(folder)
    with pytest.raises(CannotChange, match="Let the next one sign first: vaxtext keys rotate"):
        retire(folder, first.kid, now, leaked=True)
    rotate(folder, now, at_once=True)
    with pytest.raises(CannotChange, match=rf"{second.kid} signs from .* on: type this again after that"):
        retire(folder, first.kid, now, leaked=True)

    assert [key.can_sign for key in list_keys(folder)] == [True, True]


def test_a_key_is_retired_once_and_only_if_it_exists(folder):
    first, second = new_key(folder), new_key(folder)
    now = datetime.now(UTC)
    retire(folder, second.kid, now)

    with pytest.raises(CannotChange, match="is retired already"):
        retire(folder, second.kid, now)
    with pytest.raises(CannotChange, match="There is no key abc"):
        retire(folder, "abc", now)
    assert signs(folder, now) == first.kid


def test_a_folder_of_the_old_form_goes_on_working(folder):
    before, newest = old_form(folder, NOW), old_form(folder, NOW + HOUR)

    ring = KeyRing(folder)

    assert ring.signing((NOW + 2 * HOUR).timestamp()).kid == newest.kid
    assert [key.kid for key in ring.published()] == [newest.kid, before.kid]
    assert rid_of(ring.published()[1].rid_secret, before.kid, "p1") == rid_of(before.rid_secret, before.kid, "p1")


def test_cards_of_the_old_form_keep_their_rids(folder):
    key = old_form(folder, NOW)

    (read,) = list_keys(folder)

    assert read.rid_secret == derive(b"", key.jwk["d"].encode(), "vaxtext rid")


def test_beside_keys_of_the_old_form_a_new_key_waits(folder):
    newest = old_form(folder, NOW)

    added = new_key(folder)

    assert signs(folder) == newest.kid
    assert states(folder, datetime.now(UTC)) == [State.SIGNS, State.NEXT]
    retire(folder, added.kid, datetime.now(UTC))


def test_the_private_part_stays_out_of_repr(folder):
    ring = load_or_create(folder)
    (key,) = list_keys(folder)

    shown = repr(ring) + repr(ring.signing(4e9)) + repr(list_keys(folder))

    assert key.kid in shown
    assert key.jwk["d"] not in shown
    assert repr(key.rid_secret) not in shown


@pytest.mark.parametrize(
    "spoil", ["text", "list", "no private half", "renamed", "dateless", "other curve", "not erased"]
)
def test_a_file_that_is_no_card_key_stops_the_start_and_is_named_without_its_content(folder, spoil):
    key = new_key(folder)
    path = folder / f"{key.kid}.jwk"
    public = {name: value for name, value in key.jwk.items() if name != "d"}
    if spoil == "renamed":
        path = path.rename(folder / "other.jwk")
    content = {
        "text": key.jwk["d"],
        "list": json.dumps([key.jwk]),
        "no private half": json.dumps(public),
        "renamed": key.text(),
        "dateless": json.dumps({**key.jwk, "created": None}),
        "other curve": json.dumps({**key.jwk, **ECKey.generate_key("P-384").as_dict(private=True)}),
        "not erased": json.dumps({**key.jwk, "retired": NOW.isoformat(), "rid_secret": "YWJj"}),
    }
    path.write_text(content[spoil])

    with pytest.raises(ValueError, match="key") as error:
        load_or_create(folder)

    assert str(path) in str(error.value)
    assert key.jwk["d"] not in str(error.value)
    assert error.value.__suppress_context__ or not error.value.__context__


def test_a_broken_file_changes_nothing_for_those_who_run_and_the_log_says_so_once(folder):
    running = load_or_create(folder)
    kid = running.signing(4e9).kid
    broken = folder / "broken.jwk"
    broken.write_text("{")
    broken.chmod(0o600)

    with structlog.testing.capture_logs() as logged:
        for _ in range(3):
            assert running.signing(4e9).kid == kid
    assert [line["event"] for line in logged] == ["folder_unreadable"]  # once
    assert "broken.jwk is not a card key" in logged[0]["reason"]

    broken.unlink()
    assert len([running.published(), new_key(folder)]) == 2
    assert len(running.published()) == 2


def test_a_folder_that_vanishes_under_a_running_process_changes_nothing(folder):
    running = load_or_create(folder)
    kid = running.signing(4e9).kid

    folder.rename(folder.with_name("moved"))

    assert running.signing(4e9).kid == kid
    assert [key.kid for key in running.published()] == [kid]


@pytest.mark.parametrize("open_door", ["file", "folder"])
def test_keys_of_ours_that_others_may_read_are_refused_with_what_to_type(folder, open_door):
    key = new_key(folder)
    path = folder / f"{key.kid}.jwk" if open_door == "file" else folder
    path.chmod(0o750)

    with pytest.raises(ValueError, match=rf"may be read by others \(mode 750\); type: chmod [67]00 {path}$"):
        load_or_create(folder)


def test_a_draft_of_a_writer_that_was_killed_is_swept_away(folder):
    new_key(folder)
    (folder / "abc.draft").write_text("half a key")

    new_key(folder)

    assert not list(folder.glob("*.draft"))


def test_a_mounted_secret_signs_by_what_its_files_say(tmp_path):
    first, second = make_key(NOW), make_key(NOW + HOUR)
    folder = mounted(tmp_path, first, second)
    running = load_or_create(folder)
    assert is_mounted(folder)
    assert running.signing((NOW + 5 * HOUR).timestamp()).kid == first.kid

    put_into_secret(folder, "second", [first, rotated([first, second], NOW + 3 * HOUR)])

    assert running.signing((NOW + 5 * HOUR).timestamp()).kid == second.kid
    assert running.signing((NOW + 2 * HOUR).timestamp()).kid == first.kid
    assert not (folder / ".lock").exists()


def test_a_key_that_is_added_to_a_mounted_secret_is_published_at_once(tmp_path):
    first, second = make_key(NOW), make_key(NOW + HOUR)
    folder = mounted(tmp_path, first)
    running = load_or_create(folder)

    put_into_secret(folder, "second", [first, second])

    assert [key.kid for key in running.published()] == [second.kid, first.kid]
    assert running.signing((NOW + 5 * HOUR).timestamp()).kid == first.kid


def test_nothing_is_written_into_a_mounted_secret(tmp_path):
    first, second = make_key(NOW), make_key(NOW + HOUR)
    folder = mounted(tmp_path, first, second)
    before = sorted(path.name for path in folder.rglob("*"))

    for attempt in (lambda: new_key(folder), lambda: rotate(folder, NOW + 5 * HOUR)):
        with pytest.raises(CannotChange, match=r"(?s)come from elsewhere .*Add --print"):
            attempt()

    assert sorted(path.name for path in folder.rglob("*")) == before


@pytest.mark.parametrize(("mode", "warned"), [(0o400, False), (0o440, False), (0o644, True)])
def test_a_mounted_key_may_be_read_by_the_group_and_is_warned_of_when_all_may(tmp_path, mode, warned):
    folder = mounted(tmp_path, make_key(NOW), mode=mode)

    with structlog.testing.capture_logs() as logged:
        load_or_create(folder)

    assert [line["event"] for line in logged] == (["card_key_readable_by_all"] if warned else [])


def test_a_folder_without_keys_lists_none_and_is_not_made(folder):
    assert list_keys(folder) == []
    assert signing([], NOW) is None
    assert not folder.exists()
