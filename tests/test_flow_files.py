"""The flow files: the shipped ones are sound, and every planted fault is reported with its place and its fix."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.engine import Text, advance
from bot.conversation.flow_files import check_flow, load_flow
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import FlowBroken, Problem
from bot.conversation.session import Session
from bot.flow_folder import check_folder, open_flow, read_folder

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
FILES = read_folder(FOLDER)
FLOW, EN = "flow.yaml", "text/en.yaml"
HERE = "‸"  # where the problem is to be reported


def test_the_shipped_flow_has_no_errors_and_no_warnings() -> None:
    flow, problems = check_folder(FOLDER)

    assert list(map(str, problems)) == []
    assert flow is not None
    assert flow.languages == ("en", "es")


FAULTS = [
    ("a start that is no state", FLOW, "start: welcome", "start: ‸welcom", "(did you mean 'welcome'?)"),
    ("a start that asks nothing", FLOW, "start: welcome", "start: ‸done", "'done' asks nothing"),
    ("a default that is no state", FLOW, "exhausted: call_us", "exhausted: ‸cal_us", "(did you mean 'call_us'?)"),
    ("a time without its unit", FLOW, "idle: 30m", "idle: ‸30", "write a time such as 30m"),
    ("no tries at all", FLOW, "attempts: 3", "attempts: ‸0", "write a whole number"),
    ("turns in words", FLOW, "turns: 40", "turns: ‸many", "write a whole number"),
    ("an unknown limit", FLOW, "turns: 40", "turns: 40, ‸turn: 40", "unknown key"),
    ("an unknown key at the top", FLOW, "renamed: {}", "renamed: {}\n‸rename: {}", "(did you mean 'renamed'?)"),
    (
        "a keyword that leads nowhere",
        FLOW,
        "agent: {go: call_us}",
        "agent: {go: ‸call_you}",
        "no state named 'call_you'",
    ),
    ("half a forgetting", FLOW, "forget: all}\n  back", "forget: ‸some}\n  back", "expected 'all'"),
    ("true for yes", FLOW, "pin: {sensitive: yes}", "pin: {sensitive: ‸true}", "write yes or no"),
    (
        "a slot that nobody asks for",
        FLOW,
        "  pin: {sens",
        "  ‸pinn: {sens",
        "no state asks for 'pinn' (did you mean 'pin'?)",
    ),
    ("a dotted check", FLOW, "check: new_pin", "check: ‸os.system", "no check named 'os.system'"),
    ("a dotted check with settings", FLOW, "check: new_pin", "check: ‸{os.system: {}}", "no check named 'os.system'"),
    ("a dotted action", FLOW, "do: send_record", "do: ‸bot.jobs.run", "no action named 'bot.jobs.run'"),
    ("a dotted target", FLOW, "next: {ok: ask_last_name}", "next: {ok: ‸os.system}", "no state named 'os.system'"),
    ("a misspelled key", FLOW, "check: person_name", "‸chek: person_name", "unknown key (did you mean 'check'?)"),
    ("a setting of another kind", FLOW, "oldest: 120y", "oldest: ‸120", "write a number of years"),
    ("a misspelled setting", FLOW, "oldest: 120y", "‸oldst: 120y", "unknown setting (did you mean 'oldest'?)"),
    (
        "an outcome not handled",
        FLOW,
        "next: {ok: ask_contact, ambiguous: confirm_dob}",
        "‸next: {ok: ask_contact}",
        "'ambiguous'",
    ),
    ("an outcome that cannot happen", FLOW, "ok: ask_last_name", "ok: ask_last_name, ‸maybe: call_us", "cannot happen"),
    (
        "a target that is no state",
        FLOW,
        "any: ask_first_name",
        "any: ‸ask_frst_name",
        "(did you mean 'ask_first_name'?)",
    ),
    ("an option twice", FLOW, "options: [link, picture]", "options: [link, picture, ‸link]", "is there twice"),
    ("an option with a taken name", FLOW, "options: [link, picture]", "options: [link, ‸state]", "rename the option"),
    ("no options", FLOW, "options: [link, picture]", "options: ‸[]", "at least 1"),
    ("an unknown language", FLOW, "options: [en, es]", "options: [en, es, ‸fr]", "no language 'fr'"),
    ("a language without words", FLOW, "languages: [en, es]", "languages: [en, es, ‸vi]", "add text/vi.yaml"),
    (
        "two kinds of state",
        FLOW,
        "  ask_pin:\n    ask: pin",
        "  ‸ask_pin:\n    choose: pin\n    ask: pin",
        "exactly one of",
    ),
    ("an answer that the action needs", FLOW, "with: [first_name, ", "‸with: [", "needs 'first_name'"),
    ("an answer of no use", FLOW, "pin, format]", "pin, format, ‸again]", "has no use for 'again'"),
    ("an end that keeps", FLOW, "done: {end: success, forget: all}", "‸done: {end: success}", "this key is missing"),
    ("a state with capitals", FLOW, "  ask_pin:\n    ", "  ask_Pin:\n    ‸", "a name has small letters"),
    ("renamed to nowhere", FLOW, "renamed: {}", "renamed: {old: ‸gone}", "no state named 'gone'"),
    (
        "an attribute in a text",
        EN,
        "goodbye: Thank",
        "goodbye: ‸Hi {link.__class__}",
        "{link.__class__} cannot be filled",
    ),
    (
        "a secret in a text",
        EN,
        "goodbye: Thank",
        "goodbye: ‸Hi {first_name} Thank",
        "would text a sensitive answer back",
    ),
    ("a misspelled blank", EN, "goodbye: Thank", "goodbye: ‸Call {help_lin}.", "(did you mean 'help_line'?)"),
    ("a link where there is none", EN, "goodbye: Thank", "goodbye: ‸See {link}. Thank", "{link} cannot be filled here"),
    ("half a blank", EN, "goodbye: Thank", "goodbye: ‸Hi { Thank", "a brace stands alone"),
    ("too long a text", EN, "goodbye: Thank", f"goodbye: ‸{'long ' * 60}Thank", "segments"),
    ("an empty text", EN, "  goodbye: ", "  ‸goodbye: ''\n  not_used: ", "this text is missing"),
    ("a missing text", EN, "say:\n  welcome:", "‸say:\n  welkome:", "say.welcome: this text is missing"),
    ("an order of dates", EN, "date_order: mdy", "date_order: ‸ymd", "expected 'mdy' or 'dmy'"),
    ("another language's file", EN, "language: en", "language: ‸fr", "does not fit the file's name"),
    ("a keyword without words", EN, "keywords:\n  restart:", "‸keywords:\n  restrt:", "this keyword has no words"),
    ("a keyword of another flow", EN, "keywords:\n", "keywords:\n  ‸forward: [on]\n", "flow.yaml has no such keyword"),
    ("an option without words", EN, "    retry:", "    retri:", "options.again.retry: this option has no words"),
    (
        "a missing text of the page",
        EN,
        "  open: Open",
        "  opn: Open",
        "page.open: this text of the record page is missing",
    ),
    ("an unknown text of the page", EN, "  open: Open", "  open: Open\n  ‸opn: x", "(did you mean 'open'?)"),
    ("a blank that the page has not", EN, "open: Open", "open: ‸Open {link}", "{link} cannot be filled here"),
]


def planted(file: str, old: str, new: str) -> tuple[dict[str, str], str]:
    """The shipped files with one edit, and where the mark stood in it."""
    assert old in FILES[file], f"the shipped {file} has changed: {old!r} is gone"
    text = FILES[file].replace(old, new, 1)
    lines = text.partition(HERE)[0].split("\n")
    place = f"{file}:{len(lines)}:{len(lines[-1]) + 1}: " if HERE in text else f"{file}:"
    return {**FILES, file: text.replace(HERE, "")}, place


@pytest.mark.parametrize(("file", "old", "new", "sentence"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_planted_fault_is_reported_where_it_is_with_its_fix(file: str, old: str, new: str, sentence: str) -> None:
    files, place = planted(file, old, new)

    flow, problems = check_flow(files)

    assert flow is None
    found = [str(problem) for problem in problems if sentence in problem.text]
    assert any(line.startswith(place) for line in found), "\n".join([place, *map(str, problems)])
    assert len(set(found)) == len(found)


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

    assert problems == sorted(problems)
    texts = "\n".join(map(str, problems))
    for part in ("'welcom'", "oldest", "'new_pn'", "{nothing}"):
        assert part in texts
    assert all(str(problem).startswith("flows/x/") for problem in problems)


def test_problems_of_shape_are_reported_at_once_in_all_files() -> None:
    flow, english = FILES[FLOW].replace("idle: 30m", "idle: 30"), FILES[EN].replace("mdy", "ymd")
    files = {FLOW: flow, EN: english, "text/es.yaml": "- a"}

    _, problems = check_flow(files)

    assert {problem.file for problem in problems} == {FLOW, EN, "text/es.yaml"}


def test_a_text_that_nobody_sends_is_a_warning() -> None:
    files, _ = planted(EN, "  goodbye: ", "  goodby: unused\n  goodbye: ")

    flow, problems = check_flow(files)

    assert flow is not None
    assert [problem.level for problem in problems] == ["warning"]
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


@settings(deadline=None)
@given(st.text() | st.text("ab:- \n\t[]{}&*!|>'\"#%@?,~0", max_size=40))
def test_whatever_stands_in_a_file_is_read_or_refused(text: str) -> None:
    with suppress(FlowBroken):
        assert isinstance(read_yaml("f.yaml", text).data, dict)


# The folder


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
