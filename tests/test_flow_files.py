"""The flow files: the shipped ones are sound, and all that is wrong is said at once. Planted faults: broken_flows/."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.engine import advance
from bot.conversation.events import Text
from bot.conversation.flow_files import check_flow, load_flow
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import FlowBroken, Problem, counted, in_order
from bot.conversation.session import Session
from bot.flow_folder import check_folder, open_flow, read_folder

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
FILES = read_folder(FOLDER)
FLOW, EN = "flow.yaml", "text/en.yaml"
HERE = "‸"  # where the problem is to be reported


def test_the_shipped_flow_has_no_errors_and_no_warnings() -> None:
    flow, problems = check_folder(FOLDER)

    assert [str(problem) for problem in problems if problem.level != "note"] == []
    assert flow is not None
    assert flow.languages == ("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl")


def test_every_language_says_who_drafted_and_reviewed_it() -> None:
    flow = load_flow(FILES)

    assert {words.drafted for words in flow.words.values()} == {"by machine"}
    assert {words.reviewed for words in flow.words.values()} == {"nobody yet"}


def planted(file: str, old: str, new: str) -> tuple[dict[str, str], str]:
    """The shipped files with one edit, and where the mark stood in it."""
    assert old in FILES[file], f"the shipped {file} has changed: {old!r} is gone"
    text = FILES[file].replace(old, new, 1)
    lines = text.partition(HERE)[0].split("\n")
    place = f"{file}:{len(lines)}:{len(lines[-1]) + 1}: " if HERE in text else f"{file}:"
    return {**FILES, file: text.replace(HERE, "")}, place


def test_a_broken_default_is_reported_once_and_not_at_every_question() -> None:
    files, place = planted(FLOW, "exhausted: call_us", "exhausted: ‸cal_us")

    _, problems = check_flow(files)

    assert [str(problem) for problem in problems if "cal_us" in str(problem)] == [
        f"{place}defaults.exhausted: no state named 'cal_us' (did you mean 'call_us'?)"
    ]


def test_several_problems_are_reported_at_once_and_in_order() -> None:
    files, _ = planted(FLOW, "oldest: 120y", "oldest: 120")
    files = {**files, FLOW: files[FLOW].replace("start: welcome", "start: welcom").replace("new_pin", "new_pn")}
    files[EN] = FILES[EN].replace("goodbye: ", "goodbye: Hi {nothing} ")

    _, problems = check_flow(files, "flows/x")

    assert problems == in_order(problems)
    texts = "\n".join(map(str, problems))
    for part in ("'welcom'", "oldest", "'new_pn'", "{nothing}"):
        assert part in texts
    assert all(str(problem).startswith("flows/x/") for problem in problems)


def test_problems_of_shape_are_reported_at_once_in_all_files() -> None:
    flow, english = FILES[FLOW].replace("idle: 30m", "idle: 30"), FILES[EN].replace("mdy", "mdx")
    files = {**FILES, FLOW: flow, EN: english, "text/es.yaml": "- a"}

    _, problems = check_flow(files)

    errors = [problem for problem in problems if problem.level == "error"]
    assert [problem.file for problem in errors] == [FLOW, EN, "text/es.yaml"]


def test_a_problem_of_shape_hides_no_problem_of_meaning() -> None:
    flow = FILES[FLOW].replace("idle: 30m", "idle: 30").replace("any: ask_first_name", "any: ask_frst_name")
    spanish = FILES["text/es.yaml"].replace("date_order: mdy", "date_order: x").replace("  looking: ", "  looking: {a}")

    _, problems = check_flow({**FILES, FLOW: flow, "text/es.yaml": spanish.replace("{a}", "Vea {a} ")})

    texts = "\n".join(problem.text for problem in problems if problem.level == "error")
    for part in ("idle", "ask_frst_name", "date_order", "{a} cannot be filled"):
        assert part in texts


def test_errors_come_first_and_notes_last_and_all_are_counted() -> None:
    problems = [Problem("a", 1, 1, "x", level) for level in ("note", "error", "warning", "note")]
    problems[3] = Problem("a", 2, 1, "x", "note")

    assert [problem.level for problem in in_order(problems)] == ["error", "warning", "note", "note"]
    assert counted(problems) == "1 error, 1 warning, 2 notes"
    assert counted([]) == "no errors, no warnings, no notes"


def test_a_text_that_nobody_sends_is_a_warning() -> None:
    files, _ = planted(EN, "  goodbye: ", "  goodby: unused\n  goodbye: ")

    flow, problems = check_flow(files)

    assert flow is not None
    assert [problem.level for problem in problems if problem.level != "note"] == ["warning"]
    assert "warning: say.goodby: nobody sends this text (did you mean 'goodbye'?)" in str(problems[0])


def test_a_broken_flow_does_not_start_and_says_why() -> None:
    files, place = planted(FLOW, "start: welcome", "start: ‸welcom")

    with pytest.raises(FlowBroken) as broken:
        load_flow(files)

    assert str(broken.value).startswith(f"{place}start: no state named 'welcom'")


def test_a_keyword_that_does_nothing_is_answered_by_silence() -> None:
    files, _ = planted(FLOW, "agent: {go: call_us}", "agent: {}")
    flow = load_flow(files)
    session = advance(flow, Session(phone="+13605550100"), Text("hi"), now=0).session

    assert advance(flow, session, Text("agent"), now=0).replies == ()


# YAML


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("a: b\na: c", "f.yaml:2:1", "the key 'a' is written twice"),
        ("a:\n  b: c\n  d: e\n  b: f", "f.yaml:4:3", "the key 'b' is written twice"),
        ("a: {b: 1, b: 2}", "f.yaml:1:11", "the key 'b' is written twice"),
        ("a:\n\tb: c", "f.yaml:2:1", "not YAML"),
        ("a: &x b", "f.yaml:1:4", "anchors (&) and aliases (*) are not allowed"),
        ("a: &x {b: c}\nd: *x", "f.yaml:1:4", "anchors"),
        ("a: b\nd: *x", "f.yaml:2:4", "anchors"),
        ("&x a: b", "f.yaml:1:1", "anchors"),
        ("a: [b, *x]", "f.yaml:1:8", "anchors"),
        ("a: !x b", "f.yaml:1:4", "tags (!) are not allowed"),
        ("a: !!int 3", "f.yaml:1:4", "tags"),
        ("a: !!python/object/apply:os.system [ls]", "f.yaml:1:4", "tags"),
        ("a: !!binary aGk=", "f.yaml:1:4", "tags"),
        ("!x a: b", "f.yaml:1:1", "tags"),
        ("a: b\n---\nc: d", "f.yaml:2:1", "a second document starts here"),
        ("? [a, b]\n: c", "f.yaml:1:3", "a key must be a word"),
        ("a: [b", "f.yaml:1:", "not YAML"),
        ("a: 'b", "f.yaml:1:", "not YAML"),
        ("a: b: c", "f.yaml:1:5", "not YAML"),
        ("a: @b", "f.yaml:1:4", "not YAML"),
        ("a: {b}: c", "f.yaml:1:", "not YAML"),
        ("a: b\x00", "f.yaml:1:1", "not YAML"),
        ("", "f.yaml:1:1", "expected lines of the form 'key: value'"),
        ("# nothing", "f.yaml:1:1", "expected lines of the form"),
        ("- a\n- b", "f.yaml:1:1", "expected lines of the form"),
        ("just words", "f.yaml:1:1", "expected lines of the form"),
        ("a: " + "[" * 20 + "]" * 20, "f.yaml:1:12", "nested deeper than 8 levels"),
        ("a: " + "[" * 90_000, "f.yaml:1:12", "nested deeper than 8 levels"),
        ("a: " + "{b: " * 60_000, "f.yaml:1:", "nested deeper than 8 levels"),
        ("a: " + "b" * 300 * 1024, "f.yaml:1:1", "larger than 256 KB"),
        ("%YAML 9.9\n---\na: b", "f.yaml:1:1", "not YAML"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, str) else None,
)
def test_a_danger_of_yaml_is_refused_with_its_place(text: str, place: str, sentence: str) -> None:
    with pytest.raises(FlowBroken) as broken:
        read_yaml("f.yaml", text)

    (problem,) = broken.value.problems
    assert str(problem).startswith(place)
    assert sentence in problem.text


@pytest.mark.parametrize(
    "value",
    "no yes on off null ~ true 0123 0x1F 12:30 1e3 1_000 .inf 2021-04-08 3.10 1-833-555-0199 = <<".split(),
)
def test_every_value_and_key_stays_the_text_that_was_written(value: str) -> None:
    assert read_yaml("f.yaml", f"a: {value}\nb: [{value}]").data == {"a": value, "b": [value]}
    if value not in ("~", "="):
        assert read_yaml("f.yaml", f"{value}: a").data == {value: "a"}


def test_an_empty_value_is_an_empty_text() -> None:
    assert read_yaml("f.yaml", "a:\nb: ''").data == {"a": "", "b": ""}


def test_every_value_knows_its_place() -> None:
    source = read_yaml("f.yaml", "a:\n  b: [c,\n    d]\n")

    assert source.marks[("a", "b", "1")] == (3, 5)
    assert source.key_marks[("a", "b")] == (2, 3)


@given(st.text() | st.text("ab:- \n\t[]{}&*!|>'\"#%@?,~0", max_size=40))
def test_whatever_stands_in_a_file_is_read_or_refused(text: str) -> None:
    with suppress(FlowBroken):
        assert isinstance(read_yaml("f.yaml", text).data, dict)


@pytest.mark.parametrize(
    "text",
    [
        "a: b\n" * 2_000_000,
        "a: " + "[" * 5_000_000,
        "a:\n" + "".join(f"{' ' * n}- b:\n" for n in range(1, 600)),
        "a: " + "{link.__class__}" * 600_000,
        "- " * 120_000,
        "&a " * 80_000,
        "a: '" + "\\" * 250_000,
        "? " * 120_000,
        "%TAG ! tag:x\n" * 19_000,
    ],
    ids=["many lines", "brackets", "steps", "blanks", "dashes", "anchors", "backslashes", "questions", "directives"],
)
def test_a_monster_is_refused_quickly(text: str) -> None:
    started = time.perf_counter()

    with pytest.raises(FlowBroken) as broken:
        read_yaml("f.yaml", text)

    assert time.perf_counter() - started < 5  # a fraction of a second, on a machine with nothing else to do
    assert len(broken.value.problems) == 1


# The folder


def test_a_file_of_ten_megabytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text("a: é\n" * 2_000_000)

    _, problems = check_folder(tmp_path)

    assert [problem.text for problem in problems] == ["the file is larger than 256 KB; split it or shorten it"]


def test_a_language_that_is_begun_waits_outside_with_a_warning() -> None:
    lines = FILES["text/es.yaml"].replace("language: es", "language: ca").split("\n")
    begun = "\n".join("  looking: 'UNTRANSLATED: x'" if line.startswith("  looking:") else line for line in lines)

    flow, problems = check_flow({**FILES, "text/ca.yaml": begun})

    assert [problem.level for problem in problems if problem.file == "text/ca.yaml"] == ["warning"]
    assert flow is not None
    assert "ca" not in flow.words


def test_a_folder_without_a_flow_says_so(tmp_path: Path) -> None:
    flow, problems = check_folder(tmp_path)

    assert flow is None
    assert problems[0] == Problem(f"{tmp_path}/flow.yaml", 1, 1, "this file is missing")


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    for path, text in FILES.items():
        (tmp_path / path).write_text(text)
    (tmp_path / "text" / "es.yaml").write_bytes("name: Español".encode("latin-1"))

    with pytest.raises(FlowBroken, match=r"text/es\.yaml:1:1: .*save it as UTF-8"):
        open_flow(tmp_path)


def test_only_what_changes_the_steps_changes_the_structure() -> None:
    flow = load_flow(FILES)
    words, _ = planted(EN, "goodbye: Thank you", "goodbye: Thanks")
    limits, _ = planted(FLOW, "idle: 30m", "idle: 20m")
    steps, _ = planted(FLOW, "next: {ok: ask_dob}", "next: {ok: ask_dob, exhausted: goodbye}")

    assert load_flow(words).structure == load_flow(limits).structure == flow.structure
    assert load_flow(steps).structure != flow.structure
