"""What a FHIR server answered: the resource in it, or what went wrong, in words that quote nobody. Pure."""

from collections.abc import Iterable
from typing import Any

import orjson

from bot.iis.fhir.client import Answer
from bot.iis.fhir.resources import Resource
from bot.ports import IISRejected, IISUnavailable

# http://hl7.org/fhir/R4/valueset-issue-type.html: a code that is none of these may be anything, even a name.
TRANSIENT = frozenset("transient lock-error no-store exception timeout incomplete throttled".split())
PERMANENT = frozenset(
    """invalid structure required value invariant security login unknown expired forbidden suppressed processing
    not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly
    business-rule conflict informational""".split()
)
COME_AGAIN = (408, 425, 429)
HINTS = {
    401: "it does not take who we say we are",
    403: "this client may not do that; ask the registry for the scopes in IIS_URL",
    404: "there is no such thing under the address in IIS_URL",
}
MOVED = "it has moved; write the address it has now into IIS_URL"


def resource(answer: Answer, asked: str) -> dict[str, Any]:
    """The FHIR resource that was asked for. `asked`: what we did, for the operator: "Patient search"."""
    check(answer, asked)
    found = json_object(answer, asked)
    if found.get("resourceType") == "OperationOutcome":
        raise _failure(f"{asked}: an OperationOutcome in place of an answer", issue_codes([found]))
    return found


def check(answer: Answer, asked: str) -> None:
    """Raise IISUnavailable or IISRejected for every status that is no success."""
    if 200 <= answer.status < 300:
        return
    codes = issue_codes([_parsed(answer.body)])
    said = f"{asked}: HTTP {answer.status}"
    if answer.status >= 500 or answer.status in COME_AGAIN:
        raise IISUnavailable(_sentence(said, codes))
    raise _failure(said, codes, MOVED if answer.status < 400 else HINTS.get(answer.status, ""))


def json_object(answer: Answer, asked: str) -> dict[str, Any]:
    found = _parsed(answer.body)
    if not isinstance(found, dict):
        raise IISRejected(f"{asked}: HTTP {answer.status}, but what came is no JSON object")
    return found


def bundled(bundle: Resource, asked: str) -> list[Resource]:
    """The resources that a searchset found, without what was included. Raises when it says it is not whole."""
    if bundle.get("resourceType") != "Bundle":
        raise IISRejected(f"{asked}: what came is no Bundle")
    listed = bundle.get("entry")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    found = [entry["resource"] for entry in entries if _is_found(entry)]
    failed = [outcome for outcome in found if _is_failure(outcome)]
    if failed:
        raise _failure(f"{asked}: the registry says that its answer is not whole", issue_codes(failed))
    return found


def issue_codes(outcomes: Iterable[object]) -> list[str]:
    """The issue codes in OperationOutcomes. Their texts may quote what was asked."""
    codes = {code for issue in _issues(outcomes) if isinstance(code := issue.get("code"), str)}
    return sorted(codes & (TRANSIENT | PERMANENT))


def _failure(said: str, codes: list[str], hint: str = "") -> IISUnavailable | IISRejected:
    kind = IISUnavailable if TRANSIENT.intersection(codes) else IISRejected
    return kind(_sentence(said, codes, hint))


def _sentence(said: str, codes: list[str], hint: str = "") -> str:
    listed = f" ({', '.join(codes)})" if codes else ""
    return f"{said}{listed}: {hint}" if hint else f"{said}{listed}"


def _is_found(entry: Resource) -> bool:
    search = entry.get("search")
    included = isinstance(search, dict) and search.get("mode") == "include"
    return isinstance(entry.get("resource"), dict) and not included


def _is_failure(found: Resource) -> bool:
    if found.get("resourceType") != "OperationOutcome":
        return False
    return any(issue.get("severity") in ("fatal", "error") for issue in _issues([found]))


def _issues(outcomes: Iterable[object]) -> list[Resource]:
    listed = [outcome.get("issue") for outcome in outcomes if isinstance(outcome, dict)]
    return [issue for issues in listed if isinstance(issues, list) for issue in issues if isinstance(issue, dict)]


def _parsed(body: bytes) -> object:
    try:
        parsed: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return parsed
