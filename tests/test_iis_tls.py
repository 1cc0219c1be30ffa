"""TLS with a registry, for each dialect that is asked live: whom we trust, who we are, and what each trouble means."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import pytest
from fakes.certificate import Authority
from fakes.fhir_server import FhirServer
from fakes.soap_iis import SoapIis

from bot.iis.demo_people import demo_people
from bot.iis.http.tls import PUBLIC, Tls
from bot.iis.opening import open_dialect
from bot.ports import IIS, IISUnavailable
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
DIALECTS = {"hl7": SoapIis, "fhir": FhirServer}
PAST = -timedelta(days=1)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture(params=list(DIALECTS))
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def asking(dialect: str, server: ssl.SSLContext | None, tls: Tls) -> Iterator[tuple[IIS, SoapIis | FhirServer]]:
    """A registry behind `server`'s side of TLS, and ours; with no `server` it speaks none."""
    people = [person.record for person in demo_people()]
    with DIALECTS[dialect](people, tls=server) as registry:
        iis = open_dialect(registry.url.replace("+http:", "+https:"), timeout=5, tls=tls)
        yield iis, registry
        iis.close()


def test_a_registry_with_an_authority_of_its_own_is_asked(dialect: str, authority: Authority) -> None:
    with asking(dialect, authority.serve(), Tls(authority.file)) as (iis, _):
        assert iis.find(ANA)


def test_a_registry_that_wants_a_certificate_is_shown_ours(dialect: str, authority: Authority) -> None:
    with asking(dialect, authority.serve(demanding=True), Tls(authority.file, *authority.issue())) as (iis, _):
        assert iis.find(ANA)


def test_certificate_and_key_may_be_in_one_file(dialect: str, authority: Authority, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(file.read_bytes() for file in authority.issue()))

    with asking(dialect, authority.serve(demanding=True), Tls(authority.file, both)) as (iis, _):
        assert iis.find(ANA)


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_without_a_certificate_of_ours_the_registry_that_wants_one_gets_nothing(
    dialect: str, authority: Authority, version: str
) -> None:
    server = authority.serve(demanding=True)
    server.maximum_version = server.minimum_version = ssl.TLSVersion[version]

    with asking(dialect, server, Tls(authority.file)) as (iis, registry):
        with pytest.raises(IISUnavailable) as raised:
            iis.find(ANA)
        assert registry.asked == []
    assert "IIS_CLIENT_CERT and IIS_CLIENT_KEY" in str(raised.value)


def test_a_certificate_of_ours_that_the_registry_does_not_know_is_said_to_be_so(
    authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path, "other")

    with (
        asking("hl7", authority.serve(demanding=True), Tls(authority.file, *other.issue())) as (iis, _),
        pytest.raises(IISUnavailable, match=r"does not take our certificate.*UNKNOWN_CA.*IIS_CLIENT_CERT"),
    ):
        iis.find(ANA)


def test_a_certificate_that_is_only_wanted_in_mid_connection_is_shown_then(authority: Authority) -> None:
    """As servers do that want one for some paths only, by TLS 1.3's post-handshake authentication."""
    server = authority.serve(demanding=True)
    server.post_handshake_auth = True

    with asking_late(server) as (port, shown), socket.create_connection(("127.0.0.1", port)) as plain:
        tls = Tls(authority.file, *authority.issue())
        with tls.context().wrap_socket(plain, server_hostname="127.0.0.1") as ours:
            ours.sendall(b"POST")
            ours.recv(100)  # with the question for a certificate
            ours.sendall(b"more")
            certificate = shown.get(timeout=5)

    assert certificate["subject"]


@contextmanager
def asking_late(server: ssl.SSLContext) -> Iterator[tuple[int, SimpleQueue[dict[str, object]]]]:
    shown: SimpleQueue[dict[str, object]] = SimpleQueue()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            plain, _ = listening.accept()
            with server.wrap_socket(plain, server_side=True) as theirs:
                theirs.recv(100)
                theirs.verify_client_post_handshake()
                theirs.sendall(b"who are you?")
                theirs.recv(100)
                shown.put(theirs.getpeercert() or {})

        thread = Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], shown
        thread.join()


@pytest.mark.parametrize(
    ("host", "ends", "words"),
    [
        ("127.0.0.1", PAST, "not valid today.*the registry must renew it"),
        ("127.0.0.2", timedelta(days=1), "not valid for this name.*check the host in IIS_URL"),
    ],
    ids=["expired", "another name"],
)
def test_a_certificate_of_theirs_that_is_wrong_keeps_the_request(
    authority: Authority, host: str, ends: timedelta, words: str
) -> None:
    with asking("hl7", authority.serve(host, ends=ends), Tls(authority.file)) as (iis, registry):
        with pytest.raises(IISUnavailable, match=words):
            iis.find(ANA)

        assert registry.asked == []


@pytest.mark.parametrize("other", [False, True], ids=["the public ones", "another"])
def test_an_authority_that_we_do_not_trust_keeps_the_request(
    dialect: str, authority: Authority, tmp_path: Path, other: bool
) -> None:
    ours = Tls(Authority(tmp_path, "other").file) if other else PUBLIC

    with asking(dialect, authority.serve(), ours) as (iis, registry):
        with pytest.raises(IISUnavailable) as raised:
            iis.find(ANA)

        assert registry.asked == []
    assert "name its file in IIS_CA_FILE" in str(raised.value)


def test_a_server_that_has_no_cipher_of_ours_keeps_the_request(authority: Authority) -> None:
    server = authority.serve()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")  # its key is no RSA key

    with (
        asking("hl7", server, Tls(authority.file)) as (iis, _),
        pytest.raises(IISUnavailable, match=r"no TLS came about \(\w*HANDSHAKE_FAILURE\).*IIS_CLIENT_CERT"),
    ):
        iis.find(ANA)


def test_a_port_without_tls_keeps_the_request() -> None:
    with (
        asking("hl7", None, PUBLIC) as (iis, _),
        pytest.raises(IISUnavailable, match="does not speak TLS: check host and port"),
    ):
        iis.find(ANA)


def test_files_that_are_not_what_they_should_be_are_named(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue()
    _, other_key = authority.issue()
    sealed = authority.issue(password="secret")
    text = tmp_path / "text.pem"
    text.write_text("no certificate")

    assert wrong(Tls(ca_file=text)).startswith("IIS_CA_FILE: there is no certificate")
    assert wrong(Tls(ca_file=tmp_path / "gone.pem")).startswith("IIS_CA_FILE: ")
    assert wrong(Tls(client_cert=text)).startswith("IIS_CLIENT_CERT: ")
    assert wrong(Tls(client_cert=certificate)).startswith("IIS_CLIENT_CERT: ")
    assert wrong(Tls(client_cert=certificate, client_key=text)).startswith("IIS_CLIENT_CERT: ")
    assert wrong(Tls(client_cert=certificate, client_key=other_key)).startswith("IIS_CLIENT_KEY: this is not the key")
    assert wrong(Tls(None, *sealed)).startswith("IIS_CLIENT_KEY: the key has a password")
    assert Tls(client_cert=certificate, client_key=key).context()


def wrong(tls: Tls) -> str:
    with pytest.raises(ValueError, match=r"^IIS_") as raised:
        tls.context()
    return str(raised.value)
