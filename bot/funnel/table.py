"""The funnel as CSV: one line for each day, language and state, in the same numbers as the page."""

import csv
import io
from collections.abc import Iterator

from bot.conversation.flow import Flow
from bot.funnel.summary import Days, Number, Row, summary

HEADER = ("day", "language", "state", "reached", "finished", "stopped", "asked_again")
ALL = "all"


def table(flow: Flow, days: Days) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for day in sorted(days):
        for language in ("", *flow.languages):
            writer.writerows(_lines(flow, {day: days[day]}, language, day))
    return text.getvalue()


def _lines(flow: Flow, one_day: Days, language: str, day: str) -> Iterator[tuple[str, ...]]:
    found = summary(flow, one_day, language)
    for row in (found.total, *found.states):
        if any(number.exact for number in _numbers(row)):
            yield day, language or ALL, row.name, *map(str, _numbers(row))


def _numbers(row: Row) -> tuple[Number, ...]:
    return row.reached, row.finished, row.stopped, row.retried
