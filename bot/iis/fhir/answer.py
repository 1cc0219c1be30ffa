"""What a server answered: the FHIR resource in it, or what went wrong, in words that quote nobody. Pure.

Only the registry itself can refuse, and it does so in FHIR. Any other page comes from something before it, and goes
away again: then the registry is unavailable, and whoever asked keeps her place.
"""

from typing import Any

import orjson

from bot.iis.fhir.outcome import failure, is_outcome, issue_codes, sentence
from bot.iis.http.client import Answer
from bot.ports import IISRefusesUs, IISRejected, IISUnavailable

UNKNOWN_HERE = (404, 405, 501)  # what a server says of what it cannot do
NO_ENTRY = (401, 403)
WITHHELD = "suppressed"  # the code of what is held back from us for one person's sake
STRANGER = "it does not take who we say we are; check the client in IIS_URL, with its key or secret"
NAMELESS = "it wants to know who asks, and IIS_URL does not say it; name a client: fhir+https://CLIENT_ID@host/path"
HINTS = {
    401: STRANGER,
    403: "this client may not do that; ask the registry for the scopes in IIS_URL",
    404: "there is no such thing under the address in IIS_URL",
}
PAGE = (
    "a page and no FHIR; it is under maintenance, or something before it keeps us out, or the address in IIS_URL is "
    "not the registry's"
)
MOVED = "it has moved, or shows a page of maintenance; if this stays, write the address it has now into IIS_URL"
BUSY = "it asks for fewer questions; try again later, and ask the registry how many it allows"
BROKEN = "it is out of order or under maintenance; try again later, or ask the registry"


def resource(answer: Answer, asked: str) -> dict[str, Any]:
    """The FHIR resource that was asked for. `asked`: what we did, for the operator: "Patient search"."""
    check(answer, asked)
    found = json_object(answer, asked)
    if not isinstance(found.get("resourceType"), str):
        raise away(answer, asked, PAGE)
    if is_outcome(found):
        raise failure(f"{asked}: an OperationOutcome in place of an answer", issue_codes([found]))
    return found


def check(answer: Answer, asked: str) -> None:
    """Raise IISUnavailable, IISRefusesUs or another IISRejected for every status that is no success."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status < 400:
        raise away(answer, asked, MOVED)
    if answer.out_of_order:
        raise away(answer, asked, BUSY if status == 429 else BROKEN)
    if not speaks_fhir(answer):
        raise away(answer, asked, STRANGER if status == 401 else PAGE)
    codes = _codes(answer)
    refusal = IISRefusesUs if status in NO_ENTRY and WITHHELD not in codes else IISRejected
    raise failure(f"{asked}: HTTP {status}", codes, HINTS.get(status, ""), answer.retry_after, refusal)


def nameless(answer: Answer) -> IISUnavailable | IISRejected:
    """For a 401 where we had not said who we are."""
    if speaks_fhir(answer):
        return failure("HTTP 401", _codes(answer), NAMELESS, answer.retry_after, IISRefusesUs)
    return away(answer, "without a client", NAMELESS)


def json_object(answer: Answer, asked: str) -> dict[str, Any]:
    """Raises IISUnavailable: none of ours, and no registry, answers with anything else."""
    found = _parsed(answer)
    if not isinstance(found, dict):
        raise away(answer, asked, PAGE)
    return found


def away(answer: Answer, asked: str, hint: str) -> IISUnavailable:
    said = f"{asked}: HTTP {answer.status}"
    return IISUnavailable(sentence(said, _codes(answer), hint), retry_after=answer.retry_after)


def speaks_fhir(answer: Answer) -> bool:
    """Whether it is the registry that refuses, in an OperationOutcome."""
    return is_outcome(_parsed(answer))


def is_unknown_here(answer: Answer) -> bool:
    """Whether the registry itself says that it cannot do this."""
    return speaks_fhir(answer) and (answer.status in UNKNOWN_HERE or "not-supported" in _codes(answer))


def _codes(answer: Answer) -> list[str]:
    return issue_codes([_parsed(answer)])


def _parsed(answer: Answer) -> object:
    try:
        parsed: object = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    return parsed
