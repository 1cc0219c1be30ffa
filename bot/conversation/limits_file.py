"""`limits.yaml`: how often what may happen, as staff set it, checked before it counts."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, create_model

from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import FlowBroken, Problem, Source
from bot.conversation.shape import Shape, read_shape
from bot.limits.table import DAY, HOUR, LIMITS, LONGEST, MOST, SHORTEST, UNITS, USUAL, Allowed, Rule

LIMITS_FILE = "limits.yaml"
RULE = re.compile(r"([1-9]\d{0,6}) in ([1-9]\d{0,4})([mhd])")
FAMILY = 5  # people who must be able to get their records in one go
PHONES = 5  # that may use up all their links to one contact before the others cannot have any
# What the first counts the second counts too: where the first is larger it would never be reached.
WITHIN = (
    ("lookups_not_found", "lookups"),
    ("lookups_elsewhere", "lookups"),
    ("texts_with_pictures", "texts_with_new_people"),
)


def _rules(value: object) -> tuple[Rule, ...]:
    written = value if isinstance(value, list) and value else [value]
    rules = tuple(map(_rule, written))
    if len({rule.seconds for rule in rules}) < len(rules):
        raise ValueError("two of these are for the same time; keep the smaller one")
    return rules


def _rule(text: object) -> Rule:
    if not isinstance(text, str) or not (match := RULE.fullmatch(text)):
        raise ValueError("write how many in which time, such as '3 in 1d' or '[3 in 1d, 5 in 30d]'")
    rule = Rule(int(match[1]), int(match[2]) * UNITS[match[3]])
    if rule.most > MOST:
        raise ValueError(f"{rule.most} is no limit; write at most {MOST}")
    if not SHORTEST <= rule.seconds <= LONGEST:
        raise ValueError("the time is from 1m to 30d: nobody is to be kept out for longer")
    return rule


def _hourly(value: object) -> tuple[Rule, ...]:
    rules = _rules(value)
    if [rule.seconds for rule in rules] != [HOUR]:
        raise ValueError("this one looks at the last hour; write '20000 in 1h', for example")
    return rules


def _one(value: object) -> tuple[Rule, ...]:
    rules = _rules(value)
    if len(rules) > 1:
        raise ValueError("this one takes one rule; write '100 in 30d', for example")
    return rules


def _fixed(_: object) -> tuple[Rule, ...]:
    raise ValueError("this one cannot be set, for the texts say it in words; remove the line")


def _reader(name: str) -> Any:
    limit = LIMITS[name]
    if limit.fixed:
        return _fixed
    if name == "wrong_pins_in_a_row":
        return _one
    return _hourly if limit.hourly else _rules


_FIELDS: Any = {
    name: (Annotated[tuple[Rule, ...], BeforeValidator(_reader(name))], limit.usual) for name, limit in LIMITS.items()
}
AllowedShape: type[Shape] = create_model("AllowedShape", __base__=Shape, **_FIELDS)


def read_limits(files: Mapping[str, str], name: str) -> tuple[Allowed, list[Problem]]:
    """What is allowed, as far as it can be read, and every problem. What is not written is as usual."""
    if LIMITS_FILE not in files:
        return USUAL, []
    try:
        source = read_yaml(name, files[LIMITS_FILE])
    except FlowBroken as broken:
        return USUAL, list(broken.problems)
    shape, problems = read_shape(AllowedShape, source)
    if shape is None:
        return USUAL, problems
    allowed: Allowed = {name: getattr(shape, name) for name in LIMITS}
    return allowed, [*problems, *_odd(source, allowed)]


def _odd(source: Source, allowed: Allowed) -> Iterator[Problem]:
    for inner, outer in WITHIN:
        if _a_day(allowed[inner]) > _a_day(allowed[outer]):
            text = f"this would never be reached, for {outer} ends sooner; write less here or more there"
            yield source.problem((inner,), text, level="warning")
    for name in ("lookups", "lookups_elsewhere", "links_to_a_contact"):
        if _a_day(allowed[name]) < FAMILY:
            text = f"a family of {FAMILY} could not get all their records in one go; write {FAMILY} or more"
            yield source.problem((name,), text, level="warning")
    one, every = _a_day(allowed["links_to_a_contact"]), _a_day(allowed["links_to_a_contact_from_all"])
    if every < PHONES * one:
        text = f"fewer than {PHONES} phones could use it up and keep others from theirs; write {PHONES * one} or more"
        yield source.problem(("links_to_a_contact_from_all",), text, level="warning")


def _a_day(rules: tuple[Rule, ...]) -> int:
    """The most that may happen within a day, or sooner where the window is shorter."""
    return min(rule.most * max(1, DAY // rule.seconds) for rule in rules)
