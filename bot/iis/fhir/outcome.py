"""OperationOutcome: what a FHIR server says when it cannot answer. Only its codes: its texts may quote us. Pure."""

from collections.abc import Iterable

from bot.iis.fhir.elements import Resource, objects
from bot.ports import IISRejected, IISUnavailable

# http://hl7.org/fhir/R4/valueset-issue-type.html: a code that is none of these may be anything, even a name.
TRANSIENT = frozenset("transient lock-error no-store exception timeout incomplete throttled".split())
PERMANENT = frozenset(
    """invalid structure required value invariant security login unknown expired forbidden suppressed processing
    not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly
    business-rule conflict informational""".split()
)


def is_outcome(found: object) -> bool:
    return isinstance(found, dict) and found.get("resourceType") == "OperationOutcome"


def is_failure(found: Resource) -> bool:
    """Whether it is an OperationOutcome that tells of more than a warning."""
    return is_outcome(found) and any(issue.get("severity") in ("fatal", "error") for issue in _issues([found]))


def issue_codes(outcomes: Iterable[object]) -> list[str]:
    codes = {code for issue in _issues(outcomes) if isinstance(code := issue.get("code"), str)}
    return sorted(codes & (TRANSIENT | PERMANENT))


def failure(
    said: str,
    codes: list[str],
    hint: str = "",
    retry_after: float | None = None,
    refusal: type[IISRejected] = IISRejected,
) -> IISUnavailable | IISRejected:
    """What the codes come to. `said`: what we did, and what happened. `refusal`: what it is unless it passes."""
    told = sentence(said, codes, hint)
    if TRANSIENT.intersection(codes):
        return IISUnavailable(told, retry_after=retry_after)
    return refusal(told)


def sentence(said: str, codes: Iterable[str] = (), hint: str = "") -> str:
    listed = ", ".join(codes)
    told = f"{said} ({listed})" if listed else said
    return f"{told}: {hint}" if hint else told


def _issues(outcomes: Iterable[object]) -> list[Resource]:
    return [issue for outcome in outcomes if isinstance(outcome, dict) for issue in objects(outcome.get("issue"))]
