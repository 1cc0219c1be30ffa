"""A state registry on loopback: CDC's SOAP 1.2 contract outside, HL7 v2.5.1 inside, and faults when told to.

Written from the contract and CDC's guide, with nothing of `bot.iis`. PyPI `hl7` reads the
questions.
"""

import socket
import ssl
import struct
import sys
import threading
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import quote

import hl7
from lxml import etree

from bot.records import Immunization, VaccineRecord

ENVELOPE, CONTRACT = "http://www.w3.org/2003/05/soap-envelope", "urn:cdc:iisb:2011"
NAMES = {"Z34": "Request Immunization History", "Z44": "Request Evaluated History and Forecast"}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
RSP = "RSP^K11^RSP_K11"
MOST = 5  # candidates in a list


@dataclass(frozen=True, slots=True)
class Failure:
    """What a request gets instead of an answer."""

    status: int = 500  # 0: nothing at all, for as long as we `hold` it; below: something worse
    body: str = ""
    content_type: str = "application/soap+xml"
    fault: str = ""  # the element in the fault's Detail
    code: int = 0
    acknowledgment: str = ""  # MSA-1 of an answer that refuses
    retry_after: str = ""  # the header of this name


SECURITY = Failure(fault="SecurityFault", code=10)
UNSUPPORTED = Failure(fault="UnsupportedOperationFault", code=20)
TOO_LARGE = Failure(fault="MessageTooLargeFault", code=30)
UNKNOWN = Failure(fault="fault", code=40)
BROKEN = Failure(500, "upstream \x00 error", "text/plain")
PAGE = Failure(200, "<html><body>Sign in</body></html>", "text/html; charset=utf-8")
SOAP = f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{{}}</s:Body></s:Envelope>'
RETURN = (
    f'<r:submitSingleMessageResponse xmlns:r="{CONTRACT}"><r:return>{{}}</r:return></r:submitSingleMessageResponse>'
)
RETURNED = SOAP.format(RETURN)
ACKNOWLEDGED = "MSH|^~\\&amp;|IIS|STATE|VT||20261126||RSP^K11^RSP_K11|1|P|2.5.1\r"
GARBAGE = tuple(  # from something that stands before the registry
    Failure(200, body) for body in ("", "\x00\ufffd\x1b[2J", RETURNED[:150], ACKNOWLEDGED, "<a>" * 100_000)
)
NONSENSE = tuple(  # from the registry itself
    Failure(200, body)
    for body in (
        SOAP.format(""),
        RETURNED.format(""),
        RETURNED.format("All is well."),
        RETURNED.format(ACKNOWLEDGED),  # and nothing more
    )
)
FORBIDDEN = Failure(403, "<html>Forbidden</html>", "text/html")
NOWHERE = Failure(404, "<html>Not found</html>", "text/html")
MOVED = Failure(302, "", "text/html")
AE, AR = Failure(acknowledgment="AE"), Failure(acknowledgment="AR")
SILENCE, HANG_UP = Failure(0), Failure(-1)
TRICKLE, DRIP = Failure(-2), Failure(-3)  # a header and another, for ever; a body byte by byte


class SoapIis:
    """`with SoapIis(people) as iis:` answers at `iis.url` until the block ends."""

    def __init__(
        self,
        people: Iterable[VaccineRecord] = (),
        *,
        user: str = "vaxtext",
        password: str = "pass/w@rd",
        facility: str = "VT-1",
        strict: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.people = list(people)
        self.strict = strict  # knows people by their names as they stand, capitals aside, and by nothing else
        self.login = (user, password, facility)
        self.asked: list[str] = []  # every HL7 message that came in, whatever was answered
        self.always: Failure | Iterator[Failure] | None = None  # what every request gets, or one after the other
        self.delay = 0.0  # seconds before each answer
        self.refused = 0  # how often a login was wrong
        self.left = 0  # how often somebody closed the connection in the middle of a trickle
        self._next: deque[Failure | str] = deque()
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if tls else "http"
        self._server.iis = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def endpoint(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/iis"

    @property
    def url(self) -> str:
        """As in IIS_URL."""
        user, password, facility = (quote(part, safe="") for part in self.login)
        scheme, _, rest = self.endpoint.partition("://")
        return f"hl7+{scheme}://{user}:{password}@{rest}?facility={facility}"

    def fail(self, *failures: Failure) -> None:
        """Each of the next requests gets one of these."""
        self._next.extend(failures)

    def answer(self, *messages: str) -> None:
        """Each of the next questions gets one of these; "{tag}" in them becomes the question's."""
        self._next.extend(messages)

    def release(self) -> None:
        """Let go of those whom we left without an answer until now."""
        self._released.set()
        self._released = threading.Event()

    def hold(self, seconds: float | None = None) -> bool:
        return self._released.wait(seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.always = None
        self.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def failure(self) -> Failure | None:
        if self.always:
            return self.always if isinstance(self.always, Failure) else next(self.always)
        return self._next.popleft() if self._next and isinstance(self._next[0], Failure) else None  # type: ignore[return-value]

    def respond(self, question: str, failure: Failure | None) -> str:
        self.asked.append(question)
        query = Query(hl7.parse(question))
        if failure:
            return _refusal(query, failure.acknowledgment)
        if self._next:
            return str(self._next.popleft()).replace("{tag}", query.tag)
        return _response(query, self._matching(query))

    def _matching(self, query: "Query") -> list[VaccineRecord]:
        """As registries do: the id; else the name on its own day; else whoever shares day and name or phone."""
        if query.id:
            return [person for person in self.people if person.patient_id == query.id]
        same_day = [person for person in self.people if _digits(person) == query.birth_date]
        if self.strict:
            return [person for person in same_day if _as_it_stands(person) == query.as_it_stands]
        exact = [person for person in same_day if _words(person.name) == _words(query.name)]
        near = [person for person in same_day if _words(person.name) & _words(query.name) or _has(person, query.phone)]
        return exact or near


class Query:
    """A QBP^Q11 as `hl7` reads it."""

    def __init__(self, message: hl7.Message) -> None:
        self._message = message
        qpd = message.segment("QPD")
        self._qpd = qpd
        self.profile = self._text(1, 1)
        self.tag = self._text(2, 1)
        self.id = self._text(3, 1)
        self.family, self.given, self.more = (self._text(4, part) for part in (1, 2, 3))
        self.birth_date = self._text(6, 1)
        self.phone = self._text(9, 6) + self._text(9, 7)
        self.control_id = str(message.segment("MSH")[10])

    @property
    def name(self) -> str:
        return f"{self.given} {self.more} {self.family}"

    @property
    def as_it_stands(self) -> tuple[str, str]:
        return f"{self.given} {self.more}".strip().casefold(), self.family.casefold()

    def _text(self, field: int, component: int) -> str:
        try:
            return str(self._qpd.extract_field(field_num=field, component_num=component))
        except IndexError:
            return ""


def _response(query: Query, people: Sequence[VaccineRecord]) -> str:
    history = "Z42" if query.profile == "Z44" else "Z32"
    match len(people):
        case 0:
            return _message(query, "Z33", "NF")
        case 1:
            return _message(query, history, "OK", _pid(1, people[0]), *_doses(people[0]))
        case count if count > MOST:
            return _message(query, "Z33", "TM")
    candidates = [_pid(number, person, contacts=False) for number, person in enumerate(people, 1)]
    return _message(query, "Z31", "OK", *candidates)


def _refusal(query: Query, acknowledgment: str) -> str:
    """Registries' words quote the question."""
    error = f"ERR||QPD^1^4|101^Required field missing^HL70357|E||||{query.name} {query.birth_date} {query.phone}"
    return _message(query, "Z33", acknowledgment, error, acknowledgment=acknowledgment)


def _message(query: Query, profile: str, status: str, *rest: str, acknowledgment: str = "AA") -> str:
    name = f"{query.profile}^{NAMES.get(query.profile, '')}^CDCPHINVS"
    errors, people = [line for line in rest if line[:3] == "ERR"], [line for line in rest if line[:3] != "ERR"]
    return "\r".join([
        rf"MSH|^~\&|MYIIS|STATE|||20240618083101-0400||{RSP}|R1|P|2.5.1|||NE|NE||UNICODE UTF-8|||{profile}^CDCPHINVS",
        f"MSA|{acknowledgment}|{query.control_id}",
        *errors,
        f"QAK|{query.tag}|{status}|{name}",
        str(query._qpd),
        *people,
        "",
    ])  # fmt: skip


def _pid(number: int, person: VaccineRecord, *, contacts: bool = True) -> str:
    first, *more = person.given or ("",)
    name = (
        f"{_e(person.family)}^{_e(first)}^{_e(' '.join(more))}^{_e(person.suffix or '')}^^^L~{_e(person.family)}^^^^^^A"
    )
    name += "".join(f"~{_e(other.family)}^{_e(' '.join(other.given))}^^^^^M" for other in person.other_names)
    phones = [f"^PRN^CP^^1^{phone[2:5]}^{phone[5:]}" for phone in sorted(person.phones)] if contacts else []
    emails = [f"^NET^Internet^{_e(email)}" for email in sorted(person.emails)] if contacts else []
    identifiers = f"77^^^CLINIC^MR~{_e(person.patient_id)}^^^MYIIS^SR"
    return f"PID|{number}||{identifiers}||{name}|Gold^Ella^^^^^M|{_digits(person)}|F||||" + "|".join(
        ["", "~".join([*phones, *emails]), *[""] * 16, "Y" if person.died else ""]
    )


def _doses(person: VaccineRecord) -> list[str]:
    lines = []
    for number, dose in enumerate(person.immunizations, 1):
        lines += [f"ORC|RE||{number}^MYIIS", _rxa(dose), "RXR|C28161^IM^NCIT", "OBX|1|CE|64994-7^Eligibility^LN|1|V02"]
    return lines


def _rxa(dose: Immunization) -> str:
    day, maker = dose.date.strftime("%Y%m%d"), f"{dose.mvx}^^MVX" if dose.mvx else ""
    place = f"^^^{_e(dose.place)}" if dose.place else ""
    return f"RXA|0|1|{day}||{dose.cvx}^^CVX|0.3|mL^^UCUM||00^^NIP001||{place}||||{_e(dose.lot or '')}||{maker}|||CP|A"


def _e(text: str) -> str:
    return text.translate({ord(character): rf"\{name}" "\\" for character, name in zip(r"\|^~&", "EFSRT", strict=True)})


def _digits(person: VaccineRecord) -> str:
    return person.birth_date.strftime("%Y%m%d")


def _words(name: str) -> frozenset[str]:
    folded = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(letter if letter.isalnum() else " " for letter in folded if not unicodedata.combining(letter))
    return frozenset(kept.split()) - {"jr", "sr"}


def _as_it_stands(person: VaccineRecord) -> tuple[str, str]:
    return " ".join(person.given).casefold(), person.family.casefold()


def _has(person: VaccineRecord, phone: str) -> bool:
    return bool(phone) and any(held.endswith(phone) for held in person.phones)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away early are what some tests are about."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        iis: SoapIis = self.server.iis  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        iis.hold(iis.delay)
        failure = iis.failure()
        if failure and failure.status <= 0:
            return self._hang(iis, failure)
        if failure and failure.fault:
            return self._refuse(failure)
        if failure and not failure.acknowledgment:
            return self._send(failure.status, failure.body.encode(), failure.content_type, failure.retry_after)
        return self._operate(iis, body, failure)

    def _operate(self, iis: SoapIis, body: bytes, failure: Failure | None) -> None:
        """Document/literal: the one child of Body names the operation."""
        assert self.headers["Content-Type"].startswith("application/soap+xml"), "SOAP 1.2 has this type"
        (operation,) = etree.fromstring(body).find(f"{{{ENVELOPE}}}Body")
        told = {etree.QName(child).localname: child.text or "" for child in operation}
        match etree.QName(operation).localname:
            case "connectivityTest":
                self._return("connectivityTestResponse", f"End-point is ready. Echoing: {told['echoBack']}")
            case "submitSingleMessage":
                if (told.get("username"), told.get("password"), told.get("facilityID")) != iis.login:
                    iis.refused += 1
                    return self._refuse(SECURITY)
                self._return("submitSingleMessageResponse", iis.respond(told["hl7Message"], failure))
            case _:
                self._refuse(UNSUPPORTED)
        return None

    def _return(self, name: str, text: str) -> None:
        response = etree.Element(f"{{{CONTRACT}}}{name}", nsmap={"iis": CONTRACT})
        etree.SubElement(response, f"{{{CONTRACT}}}return").text = text
        self._send(200, _envelope(response), "application/soap+xml; charset=utf-8")

    def _refuse(self, failure: Failure) -> None:
        """Registries' words quote what they were sent, so this one's do."""
        fault = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap={"s": ENVELOPE})
        code = etree.SubElement(fault, f"{{{ENVELOPE}}}Code")
        etree.SubElement(code, f"{{{ENVELOPE}}}Value").text = "s:Sender"
        reason = etree.SubElement(fault, f"{{{ENVELOPE}}}Reason")
        etree.SubElement(reason, f"{{{ENVELOPE}}}Text", {LANGUAGE: "en"}).text = "refused: Reyes"
        detail = etree.SubElement(fault, f"{{{ENVELOPE}}}Detail")
        told = etree.SubElement(detail, f"{{{CONTRACT}}}{failure.fault}")
        etree.SubElement(told, f"{{{CONTRACT}}}Code").text = str(failure.code)
        etree.SubElement(told, f"{{{CONTRACT}}}Reason").text = failure.fault.removesuffix("Fault")
        etree.SubElement(told, f"{{{CONTRACT}}}Detail").text = "refused: Ana Reyes 19850327 3605550100"
        self._send(failure.status, _envelope(fault), "application/soap+xml; charset=utf-8")

    def _hang(self, iis: SoapIis, failure: Failure) -> None:
        if failure is SILENCE:
            iis.hold()
        elif failure is TRICKLE:
            self._trickle(iis, b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n")
        elif failure is DRIP:
            self._trickle(iis, b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n\r\n", b" ")
        else:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST, no FIN
        self.close_connection = True

    def _trickle(self, iis: SoapIis, start: bytes, more: bytes) -> None:
        """Always a little more, never the end: no wait on the socket is long."""
        try:
            self.wfile.write(start)
            while not iis.hold(0.02):
                self.wfile.write(more)
        except OSError:
            iis.left += 1

    def _send(self, status: int, data: bytes, content_type: str, retry_after: str = "") -> None:
        self.send_response(status)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Type", content_type)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _envelope(content: etree._Element) -> bytes:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE})
    etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(content)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
