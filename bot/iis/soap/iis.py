"""The registry as an HL7 v2.5.1 partner: QBP^Q11 out, RSP^K11 in, over CDC's SOAP contract."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import structlog

from bot.iis.hl7v2.address import Hl7Address
from bot.iis.hl7v2.errors import MessageError
from bot.iis.hl7v2.patients import Identifier
from bot.iis.hl7v2.query import build_qbp
from bot.iis.hl7v2.response import CANDIDATES, HISTORIES, NOBODY, Answer, Found, parse_rsp
from bot.iis.http.deadline import deadline, while_there_is_time
from bot.iis.http.tls import PUBLIC, Tls
from bot.iis.matching import best_match, narrow
from bot.iis.other_names import other_names
from bot.iis.soap.endpoint import CdcEndpoint
from bot.iis.soap.faults import UnsupportedOperationFault
from bot.iis.steps import Step
from bot.ports import IISRefusesUs, IISRejected
from bot.records import Demographics, VaccineRecord

UNDERSTOOD = (CANDIDATES, *HISTORIES, NOBODY)
NOBODY_FOUND = ("NF", "TM", "PD")  # QAK-2: not found, too many, protected
MILD = ("W", "I")  # ERR-4
WHO_WE_ARE = ("MSH-3", "MSH-4", "MSH-5", "MSH-6")  # ERR-2: what is the same in every question, whoever is asked for
MOST_TOLD = 5  # of what is wrong in one answer
NEVER_BORN = Demographics("Zzvaxtext", "Zzconnectiontest", date(1901, 1, 1), "")

log = structlog.get_logger()


class Hl7IIS:
    """Safe to share between threads, and to keep across a fork. One try for each question."""

    def __init__(self, address: Hl7Address, *, timeout: float = 5.0, tls: Tls = PUBLIC) -> None:
        """`timeout`: seconds for a whole lookup, with its second question if there is one."""
        self._address, self._timeout = address, timeout
        self._endpoint = CdcEndpoint(address, timeout=timeout, tls=tls)

    def find(self, who: Demographics) -> VaccineRecord | None:
        """A server may answer with anyone: what it finds is matched again here."""
        with deadline(self._timeout):
            answer = self._ask_by_any_name(who)
            if answer.profile == CANDIDATES:
                known = _chosen(who, answer.found)
                return self._ask_again(who, known) if known else None
            return best_match(who, [found.record for found in _people(answer)])

    def ping(self) -> None:
        self._connect()

    def close(self) -> None:
        self._endpoint.close()

    def steps(self) -> Sequence[Step]:
        return (
            Step("connect", self._connect),
            Step("authenticate", self._authenticate),
            Step("answer", self._answer),
        )

    def _ask_by_any_name(self, who: Demographics) -> Answer:
        """Where it knows nobody of the name that she typed, by those that mean the same; the last answer."""
        for named, _ in zip((who, *other_names(who)), while_there_is_time(), strict=False):
            answer = self._ask(named)
            if (answer.profile, answer.status) != (NOBODY, "NF"):
                break
        return answer

    def _ask(self, who: Demographics, known: Identifier | None = None) -> Answer:
        tag = secrets.token_hex(8)
        message = build_qbp(who, self._address, tag=tag, at=datetime.now(UTC), known=known)
        try:
            answer = parse_rsp(self._endpoint.submit(message))
        except MessageError as error:
            raise IISRejected(f"the registry's answer cannot be read: {error}") from None
        _check(answer, tag)
        return answer

    def _ask_again(self, who: Demographics, known: Found) -> VaccineRecord | None:
        """By her id, and by her name as the registry spells it; what comes back must still be who was asked for."""
        record, own = known.record, known.identifiers[0]
        spelled = replace(who, first_name=" ".join(record.given), last_name=record.family)
        people = _people(self._ask(spelled, own))
        return best_match(who, [found.record for found in people if own in found.identifiers])

    def _connect(self) -> str:
        try:
            self._endpoint.connectivity_test("vaxtext")
        except UnsupportedOperationFault:
            return f"{self._address.url} speaks CDC's SOAP contract; it offers no connectivity test."
        return f"{self._address.url} speaks CDC's SOAP contract and answers the connectivity test."

    def _authenticate(self) -> str:
        try:
            self._ask(NEVER_BORN)
        except IISRefusesUs:
            raise
        except IISRejected:  # the step after this one says why
            return "The registry lets us in, but does not take our question."
        return "The registry lets us in with this user, password and facility."

    def _answer(self) -> str:
        answer = self._ask(NEVER_BORN)
        return f"The registry understands {self._address.profile} and answers with {answer.profile}."


def _chosen(who: Demographics, candidates: Collection[Found]) -> Found | None:
    best = narrow(who, [found.record for found in candidates])
    return next((found for found in candidates if found.record is best), None) if best else None


def _check(answer: Answer, tag: str) -> None:
    """Raise unless this is an answer to our question, and one that we understand."""
    told = _listed(answer.complaints) or "no ERR segment"
    if _is_refusal(answer):
        status = answer.status or "no status"
        raise _refusal(answer)(
            f"the registry refuses our question (MSA-1 {answer.acknowledgment or 'missing'}, QAK-2 {status}; {told}): "
            "check facility, profile and applications in IIS_URL with the registry"
        )
    if answer.profile not in UNDERSTOOD:
        raise IISRejected(f"the registry answers with a profile that we do not know (MSH-21); {told}")
    if answer.tags != {tag}:
        raise IISRejected("the registry answers another question than ours (QAK-1, QPD-2)")


def _listed(told: Sequence[object]) -> str:
    more = len(told) - MOST_TOLD
    return "; ".join([*map(str, told[:MOST_TOLD]), *([f"and {more} more"] if more > 0 else [])])


def _is_refusal(answer: Answer) -> bool:
    """AE with mere warnings is an answer: CDC's guide has it for a question that could be better."""
    mild = answer.status in ("OK", *NOBODY_FOUND) and all(complaint.severity in MILD for complaint in answer.complaints)
    accepted = answer.acknowledgment in ("AA", "CA") or (answer.acknowledgment in ("AE", "CE") and mild)
    return not accepted or answer.status in ("AE", "AR")


def _refusal(answer: Answer) -> type[IISRejected]:
    """By what is complained of: of us only if it is who we are. MSH-18, say, depends on the letters of her name."""
    places = [complaint.place for complaint in answer.complaints if complaint.severity not in MILD]
    return IISRefusesUs if places and all(place in WHO_WE_ARE for place in places) else IISRejected


def _people(answer: Answer) -> Sequence[Found]:
    """The people of a history. Raises IISRejected for one that tells of nobody."""
    if answer.profile not in HISTORIES or answer.status in NOBODY_FOUND:
        return ()
    unread = [str(problem) for problem in answer.problems]
    if not answer.found:
        raise IISRejected(f"the registry's history ({answer.profile}) has nobody in it; {_listed(unread)}")
    if unread:
        log.warning("hl7_left_out", segments=unread[:MOST_TOLD], count=len(unread))
    return answer.found
