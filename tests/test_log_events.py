"""One vocabulary of the log: docs/operators.md lists every event that the source can log, with its fields."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.metrics.counters import event
from bot.metrics.counting import COUNTED

REPO = Path(__file__).parent.parent
LEVELS = {"debug", "info", "warning", "error", "critical"}
BY_LIBRARIES = {"library": {"kind", "logger", "place", "said"}}  # made by bot/log.py of what others log
PERSONAL = {"body", "name", "first_name", "last_name", "birth_date", "phone", "email", "pin", "link", "url", "token"}


def listed() -> dict[str, set[str]]:
    rows = re.findall(
        r"^\| `(\w+)` \| ([\w, ]*?) *\| (\S.*) \| (\S.*) \|$", (REPO / "docs/operators.md").read_text(), re.M
    )
    return {name: {field for field in fields.split(", ") if field} for name, fields, _, _ in rows}


def logged() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((REPO / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func.value) == "log"
            ):
                yield f"{path.relative_to(REPO)}:{node.lineno}", node


def test_every_event_is_listed_once_with_its_fields() -> None:
    used = dict(BY_LIBRARIES)
    for _, call in logged():
        (name,) = (ast.literal_eval(argument) for argument in call.args)
        used[name] = used.get(name, set()) | {str(keyword.arg) for keyword in call.keywords}

    assert listed() == used
    names = re.findall(r"^\| `(\w+)` \|", (REPO / "docs/operators.md").read_text().partition("## Metrics")[0], re.M)
    assert names == sorted(set(names))


@pytest.mark.parametrize(("place", "call"), list(logged()), ids=lambda given: given if isinstance(given, str) else "")
def test_an_event_is_a_plain_word_at_a_known_level_with_named_fields(place: str, call: ast.Call) -> None:
    assert isinstance(call.func, ast.Attribute)
    assert call.func.attr in LEVELS  # `exception` would print values
    (name,) = (ast.literal_eval(argument) for argument in call.args)
    assert event(name) == name
    fields = {keyword.arg for keyword in call.keywords}
    assert None not in fields
    assert fields & PERSONAL <= ({"name"} if name == "outcome" else set()), place


def test_what_is_counted_in_detail_is_an_event() -> None:
    assert set(COUNTED) <= set(listed())


def test_only_one_thing_is_called_log() -> None:
    for path in sorted((REPO / "bot").rglob("*.py")):
        if "structlog.get_logger" in (text := path.read_text()):
            assert re.findall(r"^(\w+) = structlog.get_logger\(\)$", text, re.M) == ["log"], path
