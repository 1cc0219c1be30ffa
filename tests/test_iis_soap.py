"""CDC's SOAP 1.2 contract against a real server on loopback: what goes over the wire, and what each failure means."""

import os
import socket
import ssl
import sys
import time
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
import zeep
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fakes.hl7_samples import CONTRACT as REAL_CONTRACT
from fakes.hl7_samples import needs_contract
from fakes.soap_iis import (
    AE,
    BROKEN,
    FORBIDDEN,
    HANG_UP,
    MOVED,
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

from bot.iis.hl7v2.address import Hl7Address
from bot.iis.soap.endpoint import CONTRACT, CdcEndpoint
from bot.iis.soap.faults import MessageTooLargeFault, SecurityFault, UnsupportedOperationFault
from bot.ports import IISRejected, IISUnavailable

HEADER = r"MSH|^~\&|VAXTEXT||||20240618||QBP^Q11^QBP_Q11|tag|P|2.5.1|||ER|AL|||||Z34^CDCPHINVS"
QUESTION = f"{HEADER}\rQPD|Z34^Request Immunization History^CDCPHINVS|tag||Reyes^Ana||19850327\rRCP|I\r"
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


def submit(endpoint, message=QUESTION, seconds=5.0):
    return endpoint.submit(message, time.monotonic() + seconds)


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
        (PAGE, IISRejected, "instead of SOAP"),
        (FORBIDDEN, SecurityFault, "HTTP 403"),
        (NOWHERE, IISRejected, "check the path in IIS_URL"),
        (MOVED, IISRejected, "write its new address"),
        (HANG_UP, IISUnavailable, "broke off"),
    ],
    ids=[
        *("security", "unsupported", "too large", "unknown", "security with 200", "security with 400", "500"),
        *("500 that calls itself SOAP", "500 with half a fault", "503", "429", "a web page", "403", "404", "302"),
        "connection reset",
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
    "failure",
    [
        envelope(""),
        envelope("<s:Body/>"),
        envelope("<s:Body>Reyes</s:Body>"),
        envelope("<s:Body><i:Reyes/></s:Body>"),
        envelope("<s:Body><i:submitSingleMessageResponse/></s:Body>"),
        envelope("<s:Body><i:submitSingleMessageResponse><Reyes/></i:submitSingleMessageResponse></s:Body>"),
        envelope("<s:Body><i:submitSingleMessageResponse><i:return/></i:submitSingleMessageResponse></s:Body>"),
        envelope("<s:Body><s:Fault><faultstring>Reyes</faultstring></s:Fault></s:Body>", SOAP_1_1),
        envelope("<s:Body><i:submitSingleMessageResponse/></s:Body>", SOAP_1_1),
        Failure(200, "", "application/soap+xml"),
        Failure(200, "<s:Envelope>Reyes", "application/soap+xml"),
        Failure(200, "Reyes", "text/xml"),
        Failure(200, "<Reyes/>", "text/xml"),
        Failure(200, '<!DOCTYPE a [<!ENTITY b "Reyes">]><a>&b;</a>', "text/xml"),
        Failure(200, "Reyes", "multipart/related; boundary=x"),
        Failure(200, "x", "multipart/related"),
        Failure(200, "<a/>", "text/xml; charset=klingon"),
        Failure(200, "<a>" * 1000, "text/xml"),
    ],
    ids=lambda failure: failure.body[-60:],
)
def test_an_answer_that_the_contract_does_not_know_is_rejected(endpoint, iis, failure):
    iis.fail(failure)

    with pytest.raises(IISRejected) as raised:
        submit(endpoint)
    assert says_nothing_personal(raised.value)


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


@pytest.mark.parametrize("failure", [SILENCE, TRICKLE], ids=["silence", "a little more all the time"])
def test_a_server_that_never_ends_its_answer_is_given_up(iis, failure):
    endpoint = CdcEndpoint(Hl7Address.parse(iis.url), timeout=0.3)
    iis.fail(failure)

    with pytest.raises(IISUnavailable, match=r"did not answer within 0\.3 seconds"):
        submit(endpoint, seconds=0.3)
    endpoint.close()


def test_when_no_time_is_left_nothing_is_sent(endpoint, iis):
    with pytest.raises(IISUnavailable, match="did not answer"):
        submit(endpoint, seconds=-1)

    assert iis.asked == []


def test_an_answer_beyond_all_measure_is_not_read_to_its_end(endpoint, iis):
    iis.fail(Failure(200, "<a>" + "x" * 10_100_000, "text/xml"))

    with pytest.raises(IISRejected, match="more than 10,000,000 bytes"):
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


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """For 127.0.0.1, by nobody whom anybody trusts: its file, and a server's context."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return file, context


def test_over_tls_with_a_certificate_that_is_trusted(certificate, monkeypatch):
    file, context = certificate
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))

    with SoapIis(tls=context) as iis:
        endpoint = CdcEndpoint(Hl7Address.parse(iis.url), timeout=5)
        assert iis.url.startswith("hl7+https://")
        assert submit(endpoint)
        endpoint.close()


def test_a_certificate_that_is_not_trusted_gets_nothing(certificate):
    with SoapIis(tls=certificate[1]) as iis:
        endpoint = CdcEndpoint(Hl7Address.parse(iis.url), timeout=5)
        with pytest.raises(IISRejected, match=r"certificate is not trusted \(self.signed certificate\)"):
            submit(endpoint)

        assert iis.asked == []


def test_a_port_without_tls(iis):
    endpoint = CdcEndpoint(Hl7Address(iis.endpoint.replace("http:", "https:")), timeout=5)

    with pytest.raises(IISRejected, match="does not speak TLS"):
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

    answer = requests.post(iis.endpoint, body, headers={"Content-Type": "application/soap+xml"}, timeout=5)

    assert "UnsupportedOperationFault" in answer.text


def test_nothing_of_a_refused_question_is_kept_as_the_cause(endpoint, iis):
    iis.fail(AE)
    with suppress(IISRejected):
        submit(endpoint)
    iis.fail(SECURITY)

    with pytest.raises(SecurityFault) as raised:
        submit(endpoint)
    assert raised.value.__cause__ is None
