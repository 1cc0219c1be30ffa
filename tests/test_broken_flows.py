"""The corpus of broken flows: every planted fault is reported at its place with its fix, and nothing else is."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.conversation.flow_files import check_flow
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import Problem
from bot.flow_folder import read_chats, read_folder

HERE = Path(__file__).parent
FOLDER = HERE.parent / "flows" / "vaccine_record"
FILES, CHATS = read_folder(FOLDER), read_chats(FOLDER)
MARK = "‸"  # where the problem is to be reported
KEYS = {
    *("file", "find", "replace", "and_find", "and_replace", "line", "becomes", "copy_of"),
    *("at", "at_value", "level", "says", "chats", "without"),
}
Fault = dict[str, str]


def faults() -> dict[str, Fault]:
    found: dict[str, Fault] = {}
    for path in sorted((HERE / "broken_flows").glob("*.yaml")):
        for name, fault in read_yaml(path.name, path.read_text()).data.items():
            assert name not in found
            assert isinstance(fault, dict)
            assert set(fault) <= KEYS, f"{path.name}: {name}: {set(fault) - KEYS}"
            found[name] = fault
    return found


FAULTS = faults()


def planted(fault: Fault) -> tuple[dict[str, str], str]:
    """The shipped files with the fault, and where it is to be reported."""
    file = fault.get("file", "flow.yaml")
    text = FILES[fault.get("copy_of", file)]
    for find, replace in (("find", "replace"), ("and_find", "and_replace")):
        if find in fault:
            assert fault[find] in text, f"the shipped {file} has changed: {fault[find]!r} is gone"
            text = text.replace(fault[find], fault[replace], 1)
    if "line" in fault:
        lines = [line for line in text.split("\n") if line.startswith(fault["line"])]
        assert lines, f"the shipped {file} has changed: no line begins with {fault['line']!r}"
        text = text.replace(f"{lines[0]}\n", f"{fault['becomes']}\n" if fault["becomes"] else "", 1)
    clean = {**FILES, **(chats_without(fault) if "chats" in fault else {}), file: text.replace(MARK, "")}
    return clean, place_of(fault, clean) if "at" in fault else marked(file, text)


def chats_without(fault: Fault) -> dict[str, str]:
    start = fault.get("without", "\n")
    return {
        path: "\n".join(line for line in text.split("\n") if not line.startswith(start)) for path, text in CHATS.items()
    }


def marked(file: str, text: str) -> str:
    before, mark, _ = text.partition(MARK)
    assert mark, "the fault says nowhere where it is"
    lines = before.split("\n")
    return f"{file}:{len(lines)}:{len(lines[-1]) + 1}"


def place_of(fault: Fault, files: dict[str, str]) -> str:
    file, _, keys = fault["at"].partition(":")
    path = tuple(keys.split("/"))
    source = read_yaml(file, files[file])
    line, column = (source.marks if "at_value" in fault else source.key_marks)[path]
    return f"{file}:{line}:{column}"


@cache
def clean_problems(chats: bool) -> Counter[tuple[str, str, str]]:
    _, problems = check_flow({**FILES, **(CHATS if chats else {})})
    return Counter(map(apart_from_place, problems))


def apart_from_place(problem: Problem) -> tuple[str, str, str]:
    return problem.file, problem.level, problem.text


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_the_one_problem_and_is_reported_where_it_is(name: str) -> None:
    fault = FAULTS[name]
    files, place = planted(fault)

    flow, problems = check_flow(files)

    already = clean_problems("chats" in fault).copy()
    new = []
    for problem in problems:
        if already[apart_from_place(problem)]:
            already[apart_from_place(problem)] -= 1
        else:
            new.append(problem)
    level = fault.get("level", "error")
    assert [(f"{p.file}:{p.line}:{p.column}", p.level) for p in new] == [(place, level)], "\n".join(map(str, new))
    assert fault["says"] in new[0].text, str(new[0])
    assert (flow is None) == (level == "error")


def test_there_are_enough_faults() -> None:
    assert len(FAULTS) >= 60
