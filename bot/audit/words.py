"""Rows of the audit trail in plain words, for who must answer a resident."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Row

CONTACTS = {
    "own_phone": "the phone that texted us",
    "phone": "another phone",
    "email": "an email address",
}
OUTCOMES = {
    "sent": "One record matched. A link to it was made, to be sent to that contact.",
    "sent_picture": "One record matched. A picture of its card was made, to be sent to that contact.",
    "no_match": "No record matched, or several did. Nothing about a record was sent.",
    "over_limit": "There had been too many requests, by this phone or for this person. The registry was not asked.",
    "contact_over_limit": "One record matched. That contact had got too many links of late: nothing was sent.",
    "stopped": "One record matched. That phone had texted STOP, and had not come back: nothing was sent.",
    "rests": "One record matched. There had been too many wrong PINs for its links: nothing was sent.",
    "down": "The registry did not answer for an hour. Nothing was sent.",
    "fault": "The request ended by a fault. Nothing was sent.",
}
EVENTS = {
    "withdrawn": "The request was taken back, or given up, before it had come out.",
    "accepted": "The message with the record was handed over, to {contact_is}.",
    "delivered": "The message with the record arrived, at {contact_is}.",
    "failed": "The message with the record did not arrive, at {contact_is}.{code}",
    "expired": "The message with the record did not arrive within its day, at {contact_is}.",
    "opened": "The page was opened with the right PIN.",
    "burnt": "The link was ended by its fifth wrong PIN.",
    "revoked": "Cards with this reference number were revoked.{for_good}",
    "purged": "Older rows were removed, for they were six years old.",
}


def told(rows: Sequence[Row[Any]], asked_about: Collection[str] = ()) -> Iterator[str]:
    """Line by line; one request after the other, each in the order of time. `asked_about`: pseudonyms of a contact."""
    first = {row.request: number for number, row in reversed(list(enumerate(rows))) if row.request}
    in_order = sorted(rows, key=lambda row: (first.get(row.request, row.seq + len(rows)), row.at, row.seq))
    for _, of_request in groupby(in_order, key=lambda row: row.request or row.id):
        yield ""
        yield from (f"{_time(row.at)}  {sentence(row, asked_about)}" for row in of_request)


def sentence(row: Row[Any], asked_about: Collection[str] = ()) -> str:
    facts = orjson.loads(row.facts)
    if row.event == "requested":
        return _requested(row, facts, asked_about)
    if row.event == "outcome":
        return OUTCOMES.get(facts.get("outcome", ""), f"It came out as {facts.get('outcome', 'nobody knows')}.")
    where = CONTACTS.get(facts.get("contact_is", ""), "its contact")
    code = f" The carrier's code: {facts['code']}." if facts.get("code") else ""
    for_good = " For good: also those that are signed later." if facts.get("for_good") else ""
    words = EVENTS.get(str(row.event), str(row.event))
    return words.format(contact_is=where, code=code, for_good=for_good)


def _requested(row: Row[Any], facts: Mapping[str, str], asked_about: Collection[str]) -> str:
    contact = CONTACTS.get(facts.get("contact_is", ""), "a contact")
    if asked_about and row.sender not in asked_about:
        asked = "Another phone asked for a record with this contact."
    elif asked_about and row.contact not in asked_about:
        asked = f"This phone asked for a record whose contact is {contact}."
    else:
        asked = f"A record was asked for whose contact is {contact}."
    return f"{asked} Language: {facts.get('language', '')}.{_declared(facts)}"


def _declared(facts: Mapping[str, str]) -> str:
    if "declared_at" not in facts:
        return ""
    words = f"words {facts['declared_words']} in {facts['declared_in']}"
    return f" The declaration ({words}) was accepted {_time(facts['declared_at'])}."


def _time(at: str) -> str:
    return f"{at[:10]} {at[11:19]} UTC"
