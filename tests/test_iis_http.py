"""What every dialect that is asked live stands on: look-ups of names that end, addresses that are tried in turn."""

import gzip
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread

import httpx
import pytest
from fakes.fhir_server import FhirServer, Reply
from fakes.until import until

from bot.iis.http.client import HttpClient
from bot.iis.http.connections import Connections
from bot.iis.http.deadline import deadline, seconds_left
from bot.iis.http.hosts import Hosts
from bot.ports import IISUnavailable


class Names:
    """A name server that is slow until it is let go."""

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.asked, self.go = addresses, 0, Event()

    def look_up(self, host: str, port: int) -> tuple[str, ...]:
        self.asked += 1
        self.go.wait(10)
        return self.addresses


def client(names: Names) -> httpx.Client:
    return httpx.Client(transport=Connections(ssl.create_default_context(), Hosts(names.look_up)))


def test_a_slow_look_up_is_left_in_time_and_only_one_is_under_way_for_a_host() -> None:
    names = Names("127.0.0.1")
    hosts = Hosts(names.look_up)

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(hosts.addresses, "iis.example.gov", 443, 0.1) for _ in range(16)]
        assert {type(answer.exception()) for answer in answers} == {TimeoutError}

    assert names.asked == 1
    names.go.set()
    assert hosts.addresses("iis.example.gov", 443, 5) == ("127.0.0.1",)
    until(lambda: hosts.addresses("iis.example.gov", 443, 5) and names.asked > 1)  # nothing is remembered


def test_a_question_ends_in_time_while_its_host_is_looked_up() -> None:
    names = Names("127.0.0.1")

    with client(names) as http, deadline(0.1), pytest.raises(httpx.ConnectTimeout):
        http.get("http://iis.example.gov/")
    names.go.set()


def test_a_look_up_that_fails_says_so_to_all_who_wait_and_is_tried_again() -> None:
    hosts = Hosts()

    for _ in range(2):
        with pytest.raises(socket.gaierror):
            hosts.addresses("iis.invalid", 443, 5)


def test_of_several_addresses_the_first_that_answers_is_asked() -> None:
    names = Names("127.0.0.2", "127.0.0.3", "127.0.0.1")
    names.go.set()

    with FhirServer() as registry, client(names) as http:
        port = httpx.URL(registry.base).port
        assert http.get(f"http://iis.example.gov:{port}/fhir/metadata").status_code == 200


def test_when_none_of_several_addresses_answers_it_is_as_with_one() -> None:
    names = Names("127.0.0.2", "127.0.0.3")
    names.go.set()

    with client(names) as http, pytest.raises(httpx.ConnectError):
        http.get("http://iis.example.gov:1/")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/iis", "nobody listens at this port"),
        ("https://iis.invalid/iis", "iis.invalid: no such host is known"),
        ("https://iis.example.gov:99999999999/iis", "no such host"),
        (f"https://{'a' * 70}.example/iis", "no such host"),
        ("https://iis..example/iis", "no such host"),
        ("https:///iis", "UnsupportedProtocol|no such host"),
    ],
    ids=["a closed port", "an unknown name", "no port", "a label too long", "an empty label", "no host"],
)
def test_an_address_that_cannot_be_asked_is_said(url: str, words: str) -> None:
    http = HttpClient(2)

    with pytest.raises(IISUnavailable, match=words):
        http.send("GET", url)

    http.close()


@pytest.mark.parametrize("drips", [False, True], ids=["silence", "byte by byte"])
def test_a_server_that_never_ends_its_handshake_is_left_in_time(drips: bool) -> None:
    http = HttpClient(5)
    left = Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=greet_for_ever, args=(server, drips, left), daemon=True)
        thread.start()
        with deadline(0.3), pytest.raises(IISUnavailable, match="in time"):
            http.send("GET", f"https://127.0.0.1:{server.getsockname()[1]}/iis")

        assert left.wait(5)
        thread.join()
    http.close()


def greet_for_ever(server: socket.socket, drips: bool, left: Event) -> None:
    """The beginning of a TLS record of 16 KB, and its bytes one by one, until the other end has gone."""
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.settimeout(0.02)
        connection.sendall(b"\x16\x03\x03\x40\x00" if drips else b"")
        while not is_closed(connection):
            connection.sendall(b"\x02" if drips else b"")
    left.set()


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(10_000) == b""
    except TimeoutError:
        return False


def test_an_answer_that_is_packed_against_our_wish_is_not_read() -> None:
    http = HttpClient(5)
    with FhirServer() as registry:
        registry.always("GET metadata", Reply(200, gzip.compress(b"{}"), (("Content-Encoding", "gzip"),)))
        with pytest.raises(IISUnavailable, match="packed"):
            http.send("GET", f"{registry.base}/metadata")

    http.close()


def test_of_a_packed_page_of_maintenance_the_status_and_when_to_come_back_are_kept() -> None:
    http = HttpClient(5)
    headers = (("Content-Encoding", "gzip"), ("Retry-After", "120"))
    with FhirServer() as registry:
        registry.always("GET metadata", Reply(503, gzip.compress(b"Back soon"), headers))

        answer = http.send("GET", f"{registry.base}/metadata")

    assert (answer.status, answer.body, answer.retry_after, answer.out_of_order) == (503, b"", 120, True)
    http.close()


def test_a_deadline_within_another_never_moves_it() -> None:
    with deadline(5):
        with deadline(100):
            assert seconds_left() <= 5
        with deadline(-1), pytest.raises(IISUnavailable, match="in time"):
            seconds_left()
        assert seconds_left() > 0
    assert seconds_left() == float("inf")
