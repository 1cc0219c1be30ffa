"""CDC's transport contract for registries: two operations over SOAP 1.2, spoken by zeep."""

import re
from collections.abc import Callable
from pathlib import Path

from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Error, Fault

from bot.iis.hl7v2.address import Hl7Address
from bot.iis.http.client import HttpClient
from bot.iis.http.deadline import deadline
from bot.iis.http.tls import PUBLIC, Tls
from bot.iis.soap.faults import from_fault, from_zeep
from bot.iis.soap.transport import Transport
from bot.ports import IISRejected

CONTRACT = Path(__file__).with_name("cdc_iis_2011.wsdl")
BINDING = "{urn:cdc:iisb:2011}IIS_Binding"
NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NO_CONTRACT = (Error, etree.LxmlError, ValueError, TypeError, AttributeError, LookupError)  # what zeep lets through


class CdcEndpoint:
    """Safe to share between threads, and to keep across a fork. One try each; raises IISUnavailable or IISRejected."""

    def __init__(self, address: Hl7Address, *, timeout: float, tls: Tls = PUBLIC) -> None:
        """`timeout`: seconds for a whole call."""
        self._address, self._timeout = address, timeout
        self._transport = Transport(HttpClient(timeout, tls))
        settings = Settings(forbid_dtd=True, forbid_external=True)
        client = Client(str(CONTRACT), transport=self._transport, settings=settings)  # type: ignore[no-untyped-call]
        self._service = client.create_service(BINDING, address.url)  # type: ignore[no-untyped-call]

    def connectivity_test(self, echo: str) -> str:
        """What the registry sends back, which most make a sentence of their own."""
        return self._call(lambda: self._service.connectivityTest(echoBack=echo))

    def submit(self, message: str) -> str:
        """The answer to a message."""
        address = self._address
        return self._call(
            lambda: self._service.submitSingleMessage(
                username=address.user or None,
                password=address.password or None,
                facilityID=address.facility or None,
                hl7Message=NOT_IN_XML.sub("\ufffd", message),
            )
        )

    def close(self) -> None:
        self._transport.close()

    def _call(self, operation: Callable[[], object]) -> str:
        try:
            with deadline(self._timeout):
                answer = operation()
        except Fault as fault:
            raise from_fault(fault) from None
        except NO_CONTRACT as error:
            raise from_zeep(error) from None
        if not isinstance(answer, str):
            raise IISRejected("the registry's answer is empty")
        return answer
