"""What can go wrong between us and a SOAP server, in words for an operator, and never in the server's own.

A server's words may quote the question, which is about a person.
"""

import re
from typing import Any

import requests
from lxml import etree
from zeep.exceptions import Fault, TransportError

from bot.ports import IISRejected, IISUnavailable

PASSES = (408, 429)  # besides all of 5xx
CERTIFICATE = re.compile(r"certificate verify failed: ([\w ,'.-]{1,120}?)\.? \(")
NOT_SOAP = "check the path in IIS_URL, which must be that of the registry's SOAP 1.2 endpoint"
BROKEN = {
    "NameResolutionError": "no address is known for the registry's host: check its name in IIS_URL, and DNS",
    "NewConnectionError": "the registry's host takes no connection: check host and port in IIS_URL, and the firewall",
}


class SecurityFault(IISRejected):
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


def from_network(error: requests.RequestException, timeout: float) -> IISUnavailable | IISRejected:
    if isinstance(error, requests.Timeout):
        return late(timeout)
    if isinstance(error, requests.exceptions.SSLError):
        return _from_tls(str(error))
    if isinstance(error, requests.ConnectionError):
        cause = error.args[0] if error.args else None
        name = type(getattr(cause, "reason", cause)).__name__
        return IISUnavailable(BROKEN.get(name, f"the connection to the registry broke off ({name})"))
    return IISUnavailable(f"the registry's answer broke off ({type(error).__name__})")


def late(timeout: float) -> IISUnavailable:
    return IISUnavailable(f"the registry did not answer within {timeout:g} seconds")


def from_status(status: int) -> IISUnavailable | IISRejected:
    """For an answer that is no SOAP. `status`: HTTP's."""
    if status >= 500 or status in PASSES:
        return IISUnavailable(f"the registry's server is out of order (HTTP {status})")
    if status in (401, 403):
        sentence = FAULTS["SecurityFault"][1]
        return SecurityFault(sentence.format(f"HTTP {status}") + ", and from this machine's address")
    if 300 <= status < 400:
        return IISRejected(f"the registry has moved (HTTP {status}): write its new address in IIS_URL")
    if status == 200:
        return IISRejected(f"the address answers with a page or text instead of SOAP (HTTP 200): {NOT_SOAP}")
    return IISRejected(f"the address is no SOAP endpoint (HTTP {status}): {NOT_SOAP}")


def from_fault(fault: Fault) -> IISUnavailable | IISRejected:
    """By the element in the fault's Detail, as the contract names it, else by its Reason."""
    if fault.code is None and not isinstance(fault.detail, etree._Element):
        return IISRejected(f"the address answers, but not in SOAP 1.2: {NOT_SOAP}")
    found = _detail(fault)
    name = etree.QName(found).localname if found is not None else f"{(fault.message or '').strip()}Fault"
    code = _integer(found)
    told = f"{name}, code {code}" if code else name
    if name in FAULTS:
        kind, sentence = FAULTS[name]
        return kind(sentence.format(told))
    unknown = f"UnknownFault, code {code}" if code else "UnknownFault"
    return IISUnavailable(f"the registry reports a failure of its own ({unknown})")


def from_zeep(error: Exception) -> IISUnavailable | IISRejected:
    """For an answer that is XML, or calls itself so, and not what the contract says."""
    status = error.status_code if isinstance(error, TransportError) else 200
    if status != 200:
        return from_status(status)
    return IISRejected(f"the address answers, but not as CDC's contract says ({type(error).__name__}): {NOT_SOAP}")


def _from_tls(words: str) -> IISUnavailable | IISRejected:
    if found := CERTIFICATE.search(words):
        return IISRejected(
            f"the registry's certificate is not trusted ({found[1]}): check the host in IIS_URL; for an authority of "
            "the state's own, name its file in REQUESTS_CA_BUNDLE"
        )
    if "WRONG_VERSION_NUMBER" in words or "RECORD_LAYER_FAILURE" in words:
        return IISRejected("the registry's port does not speak TLS: check host and port in IIS_URL")
    return IISUnavailable("no TLS connection to the registry came about")


def _detail(fault: Fault) -> Any | None:
    """The first element in Detail; the contract's own if there is one of them."""
    children = [child for child in fault.detail if isinstance(child.tag, str)] if fault.detail is not None else []
    known = (child for child in children if etree.QName(child).localname in FAULTS)
    return next(known, children[0] if children else None)


def _integer(found: Any | None) -> str:
    """Code, if it is the number that it must be."""
    texts = [child.text or "" for child in found if str(child.tag).endswith("}Code")] if found is not None else []
    return next((text.strip() for text in texts if re.fullmatch(r"\s*-?\d{1,9}\s*", text, re.ASCII)), "")
