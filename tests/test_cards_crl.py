"""A revocation list counts its changes, names each rid once, and loses nothing when two revoke at the same time."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.cards.crl import Crls, with_rid

KID = "K" * 43
EMPTY = {"kid": KID, "method": "rid", "ctr": 1, "rids": []}
REVOKE = """
import sys
from pathlib import Path
from bot.cards.crl import Crls
crls = Crls(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for n in range(20):
    crls.revoke({"K" * 43: f"{sys.argv[2]}{n:010}"}, None)
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "var" / "crl"


def rids(*entries):
    return {**EMPTY, "ctr": 1 + len(entries), "rids": list(entries)}


def test_a_key_without_revocations_has_a_list_and_no_file(folder):
    assert Crls(folder).of(KID) == EMPTY
    assert not folder.exists()


def test_what_is_served_is_what_is_in_the_file(folder):
    crls = Crls(folder)

    crls.revoke({KID: "AAAAAAAAAAA"}, 1_800_000_000)

    assert crls.of(KID) == json.loads((folder / f"{KID}.json").read_text())
    assert crls.of(KID) == {**EMPTY, "ctr": 2, "rids": ["AAAAAAAAAAA.1800000000"]}


def test_a_rid_goes_to_the_list_of_its_key_alone(folder):
    crls = Crls(folder)

    crls.revoke({KID: "AAAAAAAAAAA", "B" * 43: "BBBBBBBBBBE"}, None)

    assert crls.of(KID)["rids"] == ["AAAAAAAAAAA"]
    assert crls.of("B" * 43)["rids"] == ["BBBBBBBBBBE"]
    assert crls.of("C" * 43)["rids"] == []


@pytest.mark.parametrize(
    ("held", "before", "then"),
    [
        (["other"], 200, ["other", "rid.200"]),
        (["rid.100", "other.5"], 200, ["rid.200", "other.5"]),
        (["rid.100", "other.5"], None, ["rid", "other.5"]),
        (["rid.100"], 100, None),
        (["rid.100"], 50, None),
        (["rid"], 200, None),
        (["rid"], None, None),
    ],
    ids=[
        "another",
        "a later time",
        "for good",
        "the same time",
        "an earlier time",
        "for good before",
        "for good twice",
    ],
)
def test_a_list_names_a_rid_once_and_counts_only_changes(held, before, then):
    crl = rids(*held)

    assert with_rid(crl, "rid", before) == (crl if then is None else {**crl, "ctr": crl["ctr"] + 1, "rids": then})


def test_threads_that_revoke_at_once_lose_nothing(folder):
    names = [f"{n:011}" for n in range(100)]

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda name: Crls(folder).revoke({KID: name}, None), names))

    assert sorted(Crls(folder).of(KID)["rids"]) == names
    assert Crls(folder).of(KID)["ctr"] == 101


def test_processes_that_revoke_at_once_lose_nothing_and_readers_see_whole_lists(folder):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([sys.executable, "-c", REVOKE, str(folder), name], **pipes) for name in "abc"]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    reader, seen = Crls(folder), []

    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    while any(process.poll() is None for process in processes):
        seen.append(reader.of(KID))
    for process in processes:
        process.communicate()

    assert reader.of(KID)["ctr"] == 61
    assert len(set(reader.of(KID)["rids"])) == 60
    assert all(crl["ctr"] == 1 + len(crl["rids"]) for crl in seen)
    assert [crl["ctr"] for crl in seen] == sorted(crl["ctr"] for crl in seen)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        json.dumps({**EMPTY, "kid": "other"}),
        json.dumps({**EMPTY, "ctr": "1"}),
        json.dumps({**EMPTY, "rids": ["Ana Reyes"]}),
        json.dumps({**EMPTY, "note": "why"}),
    ],
    ids=["empty", "array", "other kid", "ctr as text", "no rid", "more"],
)
def test_a_damaged_list_stops_start_and_revocation_and_stays_as_it_is(content, folder):
    crls = Crls(folder)
    folder.mkdir(parents=True)
    path = folder / f"{KID}.json"
    path.write_text(content)

    for attempt in (lambda: Crls(folder), lambda: crls.revoke({KID: "AAAAAAAAAAA"}, None)):
        with pytest.raises(ValueError, match=rf"{KID}.json is not a card revocation list"):
            attempt()
    assert path.read_text() == content


def test_a_list_that_is_damaged_under_a_running_process_goes_on_as_it_was(folder):
    crls = Crls(folder)
    crls.revoke({KID: "AAAAAAAAAAA"}, None)
    crls.of(KID)

    (folder / f"{KID}.json").write_text("{")

    assert crls.of(KID)["rids"] == ["AAAAAAAAAAA"]


@pytest.mark.parametrize("loss", ["the folder", "the file", "its last entry"])
def test_who_is_revoked_stays_revoked_when_a_list_is_lost_under_a_running_process(loss, folder):
    crls = Crls(folder)
    crls.revoke({KID: "AAAAAAAAAAA"}, None)
    crls.revoke({KID: "BBBBBBBBBBE"}, None)
    held = crls.of(KID)
    path = folder / f"{KID}.json"

    if loss == "the folder":
        folder.rename(folder.with_name("moved"))
    elif loss == "the file":
        path.unlink()
    else:
        path.write_text(json.dumps(rids("AAAAAAAAAAA")))

    assert crls.of(KID) == held
