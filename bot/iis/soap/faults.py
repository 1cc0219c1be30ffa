"""What a registry's SOAP server answers in place of a message, in words for an operator, and never in the server's own.

A server's words may quote the question, which is about a person.
"""

import re
from typing import Any

from lxml import etree
from zeep.exceptions import Fault

from bot.iis.http.client import Answer
from bot.ports import IISRefusesUs, IISRejected, IISUnavailable

CHECK_PATH = "check the path in IIS_URL, which must be that of the registry's SOAP 1.2 endpoint"
HINTS = {
    200: f"a page for maintenance or for signing in, or {CHECK_PATH}",
    400: f"it may want a certificate of ours (IIS_CLIENT_CERT and IIS_CLIENT_KEY), or {CHECK_PATH}",
    401: "something before it wants to know who we are: ask the registry how its partners get in",
    403: "something before it does not let us in: ask the registry whether it knows this machine's address, or "
    "wants a certificate of ours (IIS_CLIENT_CERT and IIS_CLIENT_KEY)",
}
MOVED = "it sends us elsewhere, which we do not follow; if it has moved, write its new address in IIS_URL"


class SecurityFault(IISRefusesUs):
    """The registry does not let us in."""


class UnsupportedOperationFault(IISRejected):
    """The registry does not do this."""


class MessageTooLargeFault(IISRejected):
    """The registry takes no message of this size."""


FAULTS: dict[str, tuple[type[IISRejected], str]] = {
    "SecurityFault": (
        SecurityFault,
        "the registry does not let us in ({}): check user, password and facility in IIS_URL, and with the registry "
        "whether they may query",
    ),
    "UnsupportedOperationFault": (UnsupportedOperationFault, "the registry does not offer this operation ({})"),
    "MessageTooLargeFault": (MessageTooLargeFault, "our message is too large for the registry ({})"),
}


def from_status(answer: Answer) -> IISUnavailable:
    """For an answer that is no SOAP, so that nobody knows who gave it."""
    status, retry_after = answer.status, answer.retry_after
    if answer.out_of_order:
        return IISUnavailable(f"the registry's server is out of order (HTTP {status})", retry_after=retry_after)
    hint = MOVED if 300 <= status < 400 else HINTS.get(status, CHECK_PATH)
    told = f"no SOAP comes from the registry's address (HTTP {status}): {hint}"
    return IISUnavailable(told, retry_after=retry_after)


def from_fault(fault: Fault) -> IISUnavailable | IISRejected:
    """By the element in the fault's Detail, as the contract names it, else by its Reason."""
    found = _detail(fault)
    name = etree.QName(found).localname if found is not None else f"{(fault.message or '').strip()}Fault"
    code = _integer(found)
    told = f"{name}, code {code}" if code else name
    if name in FAULTS:
        kind, sentence = FAULTS[name]
        return kind(sentence.format(told))
    unknown = f"UnknownFault, code {code}" if code else "UnknownFault"
    return IISUnavailable(f"the registry reports a failure of its own ({unknown})")


def from_zeep(error: Exception) -> IISRejected:
    """For SOAP that is not what the contract says."""
    return IISRejected(
        f"the registry answers in SOAP, but not as CDC's contract says ({type(error).__name__}): {CHECK_PATH}"
    )


def _detail(fault: Fault) -> Any | None:
    """The first element in Detail; the contract's own if there is one of them."""
    detail = fault.detail if isinstance(fault.detail, etree._Element) else ()  # bytes for an error without a fault
    children = [child for child in detail if isinstance(child.tag, str)]
    known = (child for child in children if etree.QName(child).localname in FAULTS)
    return next(known, children[0] if children else None)


def _integer(found: Any | None) -> str:
    """Code, if it is the number that it must be."""
    texts = [child.text or "" for child in found if str(child.tag).endswith("}Code")] if found is not None else []
    return next((text.strip() for text in texts if re.fullmatch(r"\s*-?\d{1,9}\s*", text, re.ASCII)), "")
