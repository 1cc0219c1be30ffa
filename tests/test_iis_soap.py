"""CDC's SOAP 1.2 contract against a real server on loopback: what goes over the wire, and what each failure means."""

import os
import socket
import sys
import threading
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest
import zeep
from fakes.hl7_samples import CONTRACT as REAL_CONTRACT
from fakes.hl7_samples import needs_contract
from fakes.soap_iis import (
    AE,
    BROKEN,
    DRIP,
    FORBIDDEN,
    GARBAGE,
    HANG_UP,
    MOVED,
    NONSENSE,
    NOWHERE,
    PAGE,
    SECURITY,
    SILENCE,
    TOO_LARGE,
    TRICKLE,
    UNKNOWN,
    UNSUPPORTED,
    Failure,
    SoapIis,
)
from fakes.until import until

from bot.config import read_settings
from bot.iis.hl7v2.address import Hl7Address
from bot.iis.http.deadline import deadline
from bot.iis.soap.endpoint import CONTRACT, CdcEndpoint
from bot.iis.soap.faults import MessageTooLargeFault, SecurityFault, UnsupportedOperationFault
from bot.ports import IISRejected, IISUnavailable
from bot.records import Demographics
from bot.wiring import open_registry

HEADER = r"MSH|^~\&|VAXTEXT||||20240618||QBP^Q11^QBP_Q11|tag|P|2.5.1|||ER|AL|||||Z34^CDCPHINVS"
QUESTION = f"{HEADER}\rQPD|Z34^Request Immunization History^CDCPHINVS|tag||Reyes^Ana||19850327\rRCP|I\r"
ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
PERSONAL = ("Reyes", "Ana ", "19850327", "3605550100", "pass/w@rd", "pass%2F")
SOAP_1_1 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_1_2 = "http://www.w3.org/2003/05/soap-envelope"


@pytest.fixture
def iis():
    with SoapIis() as iis:
        yield iis


@pytest.fixture
def endpoint(iis):
    endpoint = CdcEndpoint(Hl7Address.parse(iis.url), timeout=5)
    yield endpoint
    endpoint.close()


def submit(endpoint, message=QUESTION):
    return endpoint.submit(message)


def envelope(body, version=SOAP_1_2):
    text = f'<s:Envelope xmlns:s="{version}" xmlns:i="urn:cdc:iisb:2011">{body}</s:Envelope>'
    return Failure(200, text, "application/soap+xml; charset=utf-8")


def says_nothing_personal(error):
    printed = "".join(traceback.format_exception(error)) + repr(error)
    source = [line.strip() for line in Path(__file__).read_text().splitlines()]
    told = [line for line in printed.splitlines() if line.strip() not in source]
    return not any(text in line for text in PERSONAL for line in told)


def test_a_message_goes_there_and_the_answer_comes_back(endpoint, iis):
    iis.answer("MSH|answer & <more>\rPID|José 王\r")

    assert submit(endpoint) == "MSH|answer & <more>\rPID|José 王\r"
    assert iis.asked == [QUESTION]


def test_the_connectivity_test_echoes(endpoint):
    assert "hello" in endpoint.connectivity_test("hello")


def test_what_xml_cannot_carry_is_replaced_and_breaks_nothing(endpoint, iis):
    submit(endpoint, QUESTION.replace("Ana", "A\ud800n\ufffea\x00"))

    assert "A\ufffdn\ufffda\ufffd" in iis.asked[0]


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (SECURITY, SecurityFault, "user, password and facility"),
        (UNSUPPORTED, UnsupportedOperationFault, "UnsupportedOperationFault, code 20"),
        (TOO_LARGE, MessageTooLargeFault, "MessageTooLargeFault, code 30"),
        (UNKNOWN, IISUnavailable, "UnknownFault, code 40"),
        (replace(SECURITY, status=200), SecurityFault, "SecurityFault, code 10"),
        (replace(SECURITY, status=400), SecurityFault, "SecurityFault, code 10"),
        (BROKEN, IISUnavailable, "HTTP 500"),
        (replace(BROKEN, content_type="application/soap+xml"), IISUnavailable, "HTTP 500"),
        (replace(BROKEN, body="<Fault", content_type="text/xml"), IISUnavailable, "HTTP 500"),
        (replace(BROKEN, status=503, body=""), IISUnavailable, "HTTP 503"),
        (replace(BROKEN, status=429), IISUnavailable, "HTTP 429"),
        (replace(BROKEN, status=425), IISUnavailable, "HTTP 425"),
        (PAGE, IISUnavailable, "HTTP 200.*a page for maintenance"),
        (replace(PAGE, content_type="application/soap+xml"), IISUnavailable, "HTTP 200"),
        (replace(PAGE, status=202, body=""), IISUnavailable, "HTTP 202"),
        (replace(PAGE, status=400), IISUnavailable, "HTTP 400.*IIS_CLIENT_CERT"),
        (replace(PAGE, status=401), IISUnavailable, "HTTP 401.*how its partners get in"),
        (FORBIDDEN, IISUnavailable, "HTTP 403.*this machine's address"),
        (NOWHERE, IISUnavailable, "HTTP 404.*check the path in IIS_URL"),
        (MOVED, IISUnavailable, "HTTP 302.*write its new address"),
        (replace(MOVED, status=307), IISUnavailable, "HTTP 307.*write its new address"),
        (HANG_UP, IISUnavailable, "broke off"),
    ],
    ids=[
        *("security", "unsupported", "too large", "unknown", "security with 200", "security with 400", "500"),
        *("500 that calls itself SOAP", "500 with half a fault", "503", "429", "425", "a web page"),
        *("a web page that calls itself SOAP", "202", "400", "401", "403", "404", "302", "307", "connection reset"),
    ],
)
def test_failures(endpoint, iis, failure, kind, words):
    iis.fail(failure)
    with pytest.raises(kind, match=words) as raised:
        submit(endpoint)

    assert type(raised.value) is kind
    assert says_nothing_personal(raised.value)
    assert iis.asked == []
    assert submit(endpoint)  # the next one is answered


@pytest.mark.parametrize(
    ("failure", "kind"), [*((one, IISUnavailable) for one in GARBAGE), *((one, IISRejected) for one in NONSENSE)]
)
def test_garbage_before_the_registry_is_asked_again_and_nonsense_of_its_own_is_not(iis, tmp_path, failure, kind):
    registry = open_registry(read_settings({"iis_url": iis.url, "data_dir": tmp_path}))
    iis.fail(failure)
    with pytest.raises(kind) as raised:
        registry.find(ANA)

    assert says_nothing_personal(raised.value)
    assert registry.find(ANA) is None  # the next one is answered
    registry.close()


@pytest.mark.parametrize("status", [429, 503, 302, 403])
def test_when_it_says_when_to_come_back_the_caller_hears_it(endpoint, iis, status):
    iis.fail(replace(PAGE, status=status, retry_after="120"), replace(PAGE, status=status))

    for seconds in (120, None):
        with pytest.raises(IISUnavailable, match=f"HTTP {status}") as raised:
            submit(endpoint)
        assert raised.value.retry_after == seconds


@pytest.mark.parametrize(
    "failure",
    [
        envelope(""),
        envelope("<s:Body/>"),
        envelope("<s:Body>Reyes</s:Body>"),
        envelope("<s:Body><i:Reyes/></s:Body>"),
        envelope("<s:Body><i:submitSingleMessageResponse/></s:Body>"),
        envelope("<s:Body><i:submitSingleMessageResponse><Reyes/></i:submitSingleMessageResponse></s:Body>"),
        envelope("<s:Body><i:submitSingleMessageResponse><i:return/></i:submitSingleMessageResponse></s:Body>"),
        Failure(200, f'<!DOCTYPE a [<!ENTITY b "Reyes">]><s:Envelope xmlns:s="{SOAP_1_2}">&b;</s:Envelope>'),
    ],
    ids=lambda failure: failure.body[-60:],
)
def test_soap_that_the_contract_does_not_know_is_rejected(endpoint, iis, failure):
    iis.fail(failure)

    with pytest.raises(IISRejected) as raised:
        submit(endpoint)
    assert says_nothing_personal(raised.value)


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize(
    "failure",
    [
        envelope("<s:Body><s:Fault><faultstring>Reyes</faultstring></s:Fault></s:Body>", SOAP_1_1),
        envelope("<s:Body><i:submitSingleMessageResponse/></s:Body>", SOAP_1_1),
        Failure(body=""),
        Failure(body="<s:Envelope>Reyes"),
        Failure(body="Reyes", content_type="text/xml"),
        Failure(body="<Reyes/>", content_type="text/xml"),
        Failure(body='<!DOCTYPE a [<!ENTITY b "Reyes">]><a>&b;</a>', content_type="text/xml"),
        Failure(body="Reyes", content_type="multipart/related; boundary=x"),
        Failure(body="x", content_type="multipart/related"),
        Failure(body="<a/>", content_type="text/xml; charset=klingon"),
        Failure(body='<?xml version="1.0" encoding="klingon"?><a/>', content_type="text/xml"),
        Failure(body="<a>" * 1000, content_type="text/xml"),
        Failure(body='<html xmlns="http://www.w3.org/1999/xhtml">Fault</html>', content_type="application/xhtml+xml"),
    ],
    ids=lambda failure: failure.body[-60:],
)
def test_what_is_no_soap_came_from_something_in_between_and_passes(endpoint, iis, failure, status):
    iis.fail(replace(failure, status=status))

    with pytest.raises(IISUnavailable, match=f"HTTP {status}") as raised:
        submit(endpoint)
    assert says_nothing_personal(raised.value)


def test_soap_counts_whatever_it_is_called(endpoint, iis):
    body = "<i:submitSingleMessageResponse><i:return>MSH|</i:return></i:submitSingleMessageResponse>"
    iis.fail(replace(envelope(f"<s:Body>{body}</s:Body>"), content_type="text/plain"))

    assert submit(endpoint) == "MSH|"


def test_a_message_may_stand_in_a_cdata_section(endpoint, iis):
    text = r"MSH|^~\&|a & b <c>"
    body = f"<i:submitSingleMessageResponse><i:return><![CDATA[{text}]]></i:return></i:submitSingleMessageResponse>"
    iis.fail(envelope(f"<s:Body>{body}</s:Body>"))

    assert submit(endpoint) == text


def test_an_error_without_a_fault_in_it_passes(endpoint, iis):
    iis.fail(replace(envelope("<s:Body><i:Reyes/></s:Body>"), status=500))

    with pytest.raises(IISUnavailable, match="UnknownFault"):
        submit(endpoint)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("", IISUnavailable),
        ("<s:Code><s:Value>s:Sender</s:Value></s:Code>", IISUnavailable),
        ("<s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>Security</s:Text></s:Reason>", SecurityFault),
        ("<s:Detail><other/><i:SecurityFault/></s:Detail>", SecurityFault),
        ("<s:Detail><i:SecurityFault><i:Code>Reyes</i:Code></i:SecurityFault></s:Detail>", SecurityFault),
        ("<s:Detail><Reyes/></s:Detail>", IISUnavailable),
        ("<s:Detail>Reyes</s:Detail>", IISUnavailable),
    ],
    ids=["empty", "no detail", "only a reason", "second in detail", "a name for a code", "another detail", "text"],
)
def test_faults_that_say_less_or_more_than_the_contract(endpoint, iis, fault, kind):
    value = fault if fault.startswith("<s:Code>") else f"<s:Code><s:Value>s:Sender</s:Value></s:Code>{fault}"
    iis.fail(replace(envelope(f"<s:Body><s:Fault>{value}</s:Fault></s:Body>"), status=500))

    with pytest.raises(kind) as raised:
        submit(endpoint)
    assert type(raised.value) is kind
    assert says_nothing_personal(raised.value)


@pytest.mark.parametrize("failure", [SILENCE, TRICKLE, DRIP], ids=["silence", "headers for ever", "byte by byte"])
def test_a_server_that_never_ends_its_answer_is_given_up_and_nobody_waits_on(iis, failure):
    endpoint = CdcEndpoint(Hl7Address.parse(iis.url), timeout=0.3)
    ours = threads_of_ours()
    iis.fail(failure)

    with pytest.raises(IISUnavailable, match="did not answer in time"):
        submit(endpoint)

    until(lambda: threads_of_ours() <= ours, seconds=2)
    assert failure is SILENCE or until(lambda: iis.left == 1, seconds=2)
    endpoint.close()


def threads_of_ours():
    """Those that the server of these tests does not have for its connections."""
    return {thread for thread in threading.enumerate() if "process_request" not in thread.name}


def test_when_no_time_is_left_nothing_is_sent(endpoint, iis):
    with deadline(-1), pytest.raises(IISUnavailable, match="did not answer"):
        submit(endpoint)

    assert iis.asked == []


def test_an_answer_beyond_all_measure_is_not_read_to_its_end(endpoint, iis):
    iis.fail(Failure(200, "<a>" + "x" * 10_100_000, "text/xml"))

    with pytest.raises(IISUnavailable, match="longer than 8 MB"):
        submit(endpoint)


@pytest.mark.parametrize("part", ["user", "password", "facility"])
def test_a_wrong_login_is_a_security_fault(iis, part):
    endpoint = CdcEndpoint(replace(Hl7Address.parse(iis.url), **{part: "wrong"}), timeout=5)

    with pytest.raises(SecurityFault, match="check user, password and facility"):
        submit(endpoint)
    endpoint.close()


def test_a_port_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    endpoint = CdcEndpoint(Hl7Address(f"https://127.0.0.1:{port}/iis"), timeout=5)

    with pytest.raises(IISUnavailable, match="check host and port"):
        submit(endpoint)


def test_many_threads_share_connections(endpoint, iis):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: submit(endpoint), range(60)))

    assert all("Z33^CDCPHINVS" in answer for answer in answers)
    assert len(iis.asked) == 60


def test_parent_and_child_have_connections_of_their_own_after_a_fork(endpoint):
    submit(endpoint)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on forking with threads about
        child = os.fork()
    if not child:
        os._exit(0 if _answers(endpoint) else 1)

    assert all("Z33" in submit(endpoint) for _ in range(20))
    assert os.waitpid(child, 0)[1] == 0


def _answers(endpoint):
    try:
        return all("Z33" in submit(endpoint) for _ in range(20))
    except BaseException as error:  # noqa: BLE001 (a child must never run on as a second pytest)
        sys.stderr.write(repr(error))
        return False


def test_our_contract_comes_with_the_package():
    settings = (Path(__file__).parents[1] / "pyproject.toml").read_text()

    assert CONTRACT.is_file()
    assert '"**/*.wsdl"' in settings


@needs_contract
def test_our_contract_is_that_of_cdc():
    ours, theirs = (described(zeep.Client(str(path))) for path in (CONTRACT, REAL_CONTRACT))

    assert ours == theirs
    assert len(ours) == 2


def described(client):
    """Each operation with its action, what goes in and out, and its faults."""
    (service,) = client.wsdl.services.values()
    (port,) = service.ports.values()
    assert isinstance(port.binding, zeep.wsdl.bindings.Soap12Binding)
    return {
        str(name): (
            operation.soapaction,
            operation.style,
            element(operation.input),
            element(operation.output),
            sorted((fault, str(message.parts["fault"].element.qname))
                for fault, message in operation.abstract.fault_messages.items()),
        )
        for name, operation in port.binding._operations.items()
    }  # fmt: skip


def element(message):
    body = message.body
    return str(body.qname), [
        (name, str(item.type.qname), item.min_occurs, item.nillable) for name, item in body.type.elements
    ]


@needs_contract
def test_the_server_of_these_tests_speaks_the_real_contract(iis):
    client = zeep.Client(str(REAL_CONTRACT))
    (binding,) = [str(name) for name in client.wsdl.bindings]
    service = client.create_service(binding, iis.endpoint)
    user, password, facility = iis.login

    answer = service.submitSingleMessage(user, password, facility, QUESTION)

    assert "Z33^CDCPHINVS" in answer
    assert "hello" in service.connectivityTest("hello")
    with pytest.raises(zeep.exceptions.Fault) as refused:
        service.submitSingleMessage(user, "wrong", facility, QUESTION)
    fault = client.get_element("{urn:cdc:iisb:2011}SecurityFault").parse(refused.value.detail[0], client.wsdl.types)
    assert fault.Code == 10
    client.transport.session.close()


def test_the_server_of_these_tests_refuses_what_is_no_operation(iis):
    body = f'<s:Envelope xmlns:s="{SOAP_1_2}"><s:Body><x/></s:Body></s:Envelope>'

    answer = httpx.post(iis.endpoint, content=body, headers={"Content-Type": "application/soap+xml"})

    assert "UnsupportedOperationFault" in answer.text


def test_nothing_of_a_refused_question_is_kept_as_the_cause(endpoint, iis):
    iis.fail(AE)
    with suppress(IISRejected):
        submit(endpoint)
    iis.fail(SECURITY)

    with pytest.raises(SecurityFault) as raised:
        submit(endpoint)
    assert raised.value.__cause__ is None
