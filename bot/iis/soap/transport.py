"""HTTP under zeep: lets only SOAP 1.2 through, and knows everything else for what came between."""

from dataclasses import dataclass, field

import zeep
from lxml import etree

from bot.iis.http.client import HttpClient
from bot.iis.soap.faults import from_status

ENVELOPE = "{http://www.w3.org/2003/05/soap-envelope}Envelope"


@dataclass(frozen=True, slots=True)
class SoapAnswer:
    """As zeep reads it. Without headers: what is in the answer counts, not what it is called."""

    status_code: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)
    encoding: str | None = None

    def __repr__(self) -> str:
        return f"SoapAnswer({self.status_code})"


class Transport(zeep.Transport):
    def __init__(self, http: HttpClient) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._http = http

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> SoapAnswer:
        """Raises IISUnavailable for what is no SOAP, whatever its status."""
        answer = self._http.send("POST", address, content=message, headers=headers)
        if not _is_soap(answer.body):
            raise from_status(answer)
        return SoapAnswer(answer.status, answer.body)

    def close(self) -> None:
        self.session.close()
        self._http.close()


def _is_soap(body: bytes) -> bool:
    """A whole envelope of version 1.2: what is wrong within it, the registry said itself."""
    try:
        return etree.fromstring(body, etree.XMLParser(resolve_entities=False)).tag == ENVELOPE
    except (etree.LxmlError, LookupError, ValueError):
        return False
