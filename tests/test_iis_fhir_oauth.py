"""Tokens for a backend service: signed assertions, one token for all threads, and what a refusal says."""

import json
import os
import time
import traceback
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fakes.fhir_oauth import FakeOAuth
from fakes.fhir_server import HANG_UP, SILENCE, FhirServer, Reply
from fakes.until import until
from joserfc.jwk import ECKey, RSAKey

from bot.iis.demo_people import demo_people
from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.assertion import read_key
from bot.iis.fhir.iis import FhirIIS
from bot.ports import IISRejected, IISUnavailable
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
EC = ECKey.generate_key("P-384")
RSA = RSAKey.generate_key(2048)
JWKS = {"keys": [{"kty": "oct", "k": "AAAA"}, RSA.as_dict(private=False), {**RSA.as_dict(private=True), "kid": "two"}]}


def registered(key: ECKey | RSAKey, **fields: object) -> dict[str, object]:
    return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), **fields}]}


@pytest.fixture
def oauth() -> FakeOAuth:
    return FakeOAuth("vaxtext", registered(EC))


@pytest.fixture
def registry(oauth: FakeOAuth) -> Iterator[FhirServer]:
    with FhirServer([person.record for person in demo_people()], oauth=oauth) as server:
        yield server


@pytest.fixture
def iis(registry: FhirServer) -> Iterator[FhirIIS]:
    iis = FhirIIS(FhirAddress.parse(registry.url), timeout=10, private_key=EC.as_pem(private=True))
    yield iis
    iis.close()


def opened(registry: FhirServer, url: str = "", private_key: bytes | None = None, timeout: float = 10) -> FhirIIS:
    return FhirIIS(FhirAddress.parse(url or registry.url), timeout=timeout, private_key=private_key)


def ed25519_pem() -> bytes:
    return ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("private", "alg", "keys"),
    [
        (EC.as_pem(private=True), "ES384", registered(EC)),
        (RSA.as_pem(private=True), "RS384", registered(RSA)),
        (json.dumps(EC.as_dict(private=True)).encode(), "ES384", registered(EC)),
        (json.dumps(JWKS).encode(), "RS384", registered(RSA, kid="two")),
    ],
    ids=["EC, PEM", "RSA, PEM", "EC, JWK", "RSA, JWK Set"],
)
def test_a_signed_assertion_gets_a_token_and_the_token_the_record(registry, oauth, private, alg, keys):
    oauth.keys = keys
    iis = opened(registry, private_key=private)

    assert iis.find(ANA).name == "Ana Reyes"

    (assertion,) = oauth.assertions
    claims, header = assertion.claims, assertion.header
    assert header == {"alg": alg, "kid": keys["keys"][0]["kid"], "typ": "JWT"}
    assert claims["iss"] == claims["sub"] == "vaxtext"
    assert claims["aud"] == f"{registry.base}/token"
    assert 0 < claims["exp"] - time.time() <= 300
    assert len(claims["jti"]) >= 16
    iis.close()


def test_only_the_token_end_point_sees_the_assertion_and_only_the_registry_the_token(iis, registry, oauth):
    iis.find(ANA)

    carried = {asked.line.split("?")[0]: asked.authorization for asked in registry.asked}
    assert carried["GET /fhir/metadata"] == carried["GET /fhir/.well-known/smart-configuration"] == ""
    assert carried["POST /fhir/token"] == ""
    assert carried["POST /fhir/Patient/_search"] == carried["GET /fhir/Immunization"] == f"Bearer {oauth.given[0]}"
    assert [asked.line for asked in registry.asked if "client_assertion" in asked.body] == ["POST /fhir/token"]
    assert oauth.given[0] not in "".join(registry.lines())


def test_a_secret_is_shown_as_basic_to_the_token_end_point(registry, oauth):
    oauth.client_id, oauth.secret = "vax text", "s:cret/%"
    url = f"fhir+http://vax%20text:s%3Acret%2F%25@{registry.base.removeprefix('http://')}"
    iis = opened(registry, url)

    assert iis.find(ANA)

    assert "cret" not in "".join(f"{asked.line} {asked.body}" for asked in registry.asked)
    iis.close()


def test_where_there_is_no_smart_configuration_the_capability_statement_says_where_tokens_are(iis, registry):
    registry.has_smart_configuration = False

    assert iis.find(ANA)


def test_the_address_can_say_where_tokens_are_and_for_what(registry, oauth):
    oauth.scopes = frozenset({"system/*.rs"})
    url = f"{registry.url}?token={registry.base}/token&scope=system/*.rs"
    iis = opened(registry, url, EC.as_pem(private=True))

    assert iis.find(ANA)

    assert not registry.requests("GET .well-known/smart-configuration")
    assert "scope=system%2F%2A.rs" in registry.requests("POST token")[0].body
    iis.close()


def test_a_server_that_hides_its_metadata_is_told_who_we_are(iis, registry):
    registry.metadata_is_open = False

    assert iis.find(ANA)


def test_many_threads_share_one_token(iis, oauth):
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(iis.find, [ANA] * 48))

    assert all(found)
    assert len(oauth.given) == 1


@pytest.mark.parametrize("expires_in", [300, "300", None, 1e300, "soon", [3]], ids=str)
def test_a_token_is_kept(iis, oauth, expires_in):
    oauth.expires_in = expires_in

    assert [iis.find(ANA) is None for _ in range(2)] == [False, False]
    assert len(oauth.given) == 1


@pytest.mark.parametrize("expires_in", [0, -5, "0"])
def test_a_token_that_is_over_at_once_is_fetched_for_each_request(iis, oauth, expires_in):
    oauth.expires_in = expires_in

    assert iis.find(ANA)
    assert len(oauth.given) > 1
    assert len({assertion.claims["jti"] for assertion in oauth.assertions}) == len(oauth.assertions)


def test_a_token_that_was_taken_back_is_fetched_again(iis, oauth):
    iis.find(ANA)
    oauth.valid.clear()

    assert iis.find(ANA)

    assert len(oauth.given) == 2


def test_threads_whose_token_was_taken_back_fetch_one_together(iis, oauth):
    iis.find(ANA)
    oauth.valid.clear()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(iis.find, [ANA] * 16))

    assert len(oauth.given) == 2


def test_a_new_token_that_is_refused_needs_somebody_to_look(iis, registry, oauth):
    registry.always("POST Patient/_search", Reply(401, {"resourceType": "OperationOutcome", "issue": []}))

    with pytest.raises(IISRejected, match=r"HTTP 401.*does not take who we say we are"):
        iis.find(ANA)

    assert len(oauth.given) == 2
    assert len(registry.requests("POST Patient/_search")) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"client_id": "somebody"}, "HTTP 401 invalid_client: is this client registered"),
        ({"keys": registered(ECKey.generate_key("P-384"))}, "HTTP 401 invalid_client"),
        ({"scopes": frozenset({"user/*.rs"})}, "HTTP 400 invalid_scope: ask the registry which scopes"),
    ],
    ids=["another client", "another key", "another scope"],
)
def test_a_refusal_says_what_to_do(iis, registry, oauth, change, said):
    url = registry.url
    for name, value in change.items():
        setattr(oauth, name, value)
    iis = opened(registry, url, EC.as_pem(private=True))

    with pytest.raises(IISRejected, match=said):
        iis.find(ANA)

    iis.close()


TOKEN = {"access_token": "abc", "token_type": "Bearer"}


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (Reply(400, {"error": "unauthorized_client"}), IISRejected, "unauthorized_client: ask"),
        (Reply(400, {"error": "unsupported_grant_type"}), IISRejected, "backend services"),
        (Reply(400, {"error": "consent_required"}), IISRejected, "HTTP 400 another error$"),
        (Reply(200, {"error": "invalid_client"}), IISRejected, "HTTP 200 invalid_client"),
        (Reply(400, {"error": "vaxtext eyJhbGciOi"}), IISUnavailable, "HTTP 400: a page"),
        (Reply(404, {"error": "Not Found", "path": "/token"}), IISUnavailable, "HTTP 404: a page"),
        (Reply(400, {"error": ["invalid_client"]}), IISUnavailable, "HTTP 400: a page"),
        (Reply(400, b"<html>vaxtext</html>"), IISUnavailable, "HTTP 400: a page"),
        (Reply(400, {"error": "temporarily_unavailable"}), IISUnavailable, "temporarily_unavailable"),
        (Reply(403, b"[]"), IISUnavailable, "HTTP 403: a page"),
        (Reply(429), IISUnavailable, "HTTP 429"),
        (Reply(503), IISUnavailable, "HTTP 503"),
        (Reply(302, headers=(("Location", "http://127.0.0.1:1/token"),)), IISUnavailable, "has moved"),
        (Reply(200, b""), IISUnavailable, "HTTP 200: a page"),
        (Reply(200, b"<html>Back soon</html>"), IISUnavailable, "HTTP 200: a page"),
        (Reply(200, {}), IISUnavailable, "HTTP 200: a page"),
        (Reply(200, TOKEN | {"access_token": 7}), IISRejected, "no bearer token"),
        (Reply(200, TOKEN | {"access_token": "a\r\nX-Evil: 1"}), IISRejected, "no bearer token"),
        (Reply(200, TOKEN | {"access_token": "sécret"}), IISRejected, "no bearer token"),
        (Reply(200, TOKEN | {"token_type": "mac"}), IISRejected, "no bearer token"),
        (HANG_UP, IISUnavailable, "broke off"),
    ],
    ids=str,
)
def test_a_token_end_point_that_gives_none(iis, registry, reply, error, said):
    registry.reply("POST token", reply)

    with pytest.raises(error, match=said) as raised:
        iis.find(ANA)

    told = "".join(traceback.format_exception(raised.value))
    assert "eyJhbGciOi" not in told
    assert raised.value.__cause__ is None


def test_when_the_token_end_point_says_when_to_come_back_the_caller_hears_it(iis, registry):
    registry.always("POST token", Reply(429, headers=(("Retry-After", "20"),)))

    with pytest.raises(IISUnavailable, match="HTTP 429: it asks for fewer questions") as raised:
        iis.find(ANA)

    assert raised.value.retry_after == 20


@pytest.mark.parametrize("reply", [Reply(503), Reply(200, b"<html>Back soon</html>"), Reply(302)], ids=str)
def test_a_smart_configuration_under_maintenance_says_nothing_of_the_registry(iis, registry, reply):
    registry.reply("GET .well-known/smart-configuration", reply)

    with pytest.raises(IISUnavailable, match=r"smart-configuration: HTTP \d+: "):
        iis.find(ANA)

    assert iis.find(ANA)


@pytest.mark.parametrize(
    "where",
    [None, 7, "", "ftp://127.0.0.1/token", "http://me:you@127.0.0.1/token", "http://", "http://127.0.0.1:x/", "/token"],
    ids=str,
)
def test_a_smart_configuration_that_names_no_token_end_point(iis, registry, where):
    registry.always("GET .well-known/smart-configuration", Reply(200, {"token_endpoint": where}))

    with pytest.raises(IISRejected, match=r"does not say where it gives tokens"):
        iis.find(ANA)


@pytest.mark.parametrize("host", ["[", "a" * 64, "a..b", "no-such-host.invalid"])
def test_a_token_end_point_that_is_nowhere(iis, registry, host):
    registry.always("GET .well-known/smart-configuration", Reply(200, {"token_endpoint": f"http://{host}/token"}))

    with pytest.raises(IISUnavailable, match="no connection to"):
        iis.find(ANA)


def test_those_who_wait_for_another_threads_token_wait_no_longer_than_their_time(registry):
    registry.always("POST token", SILENCE)
    iis = FhirIIS(FhirAddress.parse(registry.url), timeout=0.2, private_key=EC.as_pem(private=True))

    with ThreadPoolExecutor(6) as threads:
        errors = [failed.exception(20) for failed in [threads.submit(iis.find, ANA) for _ in range(6)]]

    assert {type(error) for error in errors} == {IISUnavailable}
    iis.close()


def test_a_child_fetches_a_token_though_a_thread_of_its_parent_was_just_doing_so(registry):
    registry.reply("POST token", SILENCE)
    iis = opened(registry, private_key=EC.as_pem(private=True), timeout=3)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(iis.find, ANA)
        until(lambda: registry.requests("POST token"))

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on forking with threads about
            child = os.fork()
        if not child:
            try:
                os._exit(0 if iis.find(ANA) else 1)
            finally:
                os._exit(2)

        assert os.waitpid(child, 0)[1] == 0
        assert isinstance(waiting.exception(), IISUnavailable)
    iis.close()


@pytest.mark.parametrize(
    "data",
    [
        b"hunter2",
        b"{hunter2",
        b"{}",
        b'{"keys": 7}',
        b'{"keys": ["hunter2"]}',
        json.dumps({"kty": "RSA", "n": "hunter2", "e": "AQAB", "d": "hunter2"}).encode(),
        json.dumps(EC.as_dict(private=False)).encode(),
        EC.as_pem(private=False),
        ECKey.generate_key("P-256").as_pem(private=True),
        json.dumps(ECKey.generate_key("P-256").as_dict(private=True)).encode(),
        ed25519_pem(),
        EC.as_pem(private=True, password="hunter2"),
    ],
    ids=[
        "no key",
        "no JSON",
        "an empty object",
        "a set of nothing",
        "a set of texts",
        "a broken JWK",
        "a public JWK",
        "a public PEM",
        "another curve",
        "another curve as JWK",
        "Ed25519",
        "with a password",
    ],
)
def test_a_key_that_cannot_sign_is_refused_in_words_that_do_not_quote_it(data):
    with pytest.raises(ValueError, match="the private key must be") as refused:
        read_key(data)

    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_key_does_not_print_itself():
    key = read_key(EC.as_pem(private=True))

    assert repr(key) == f"AssertionKey({EC.thumbprint()})"


def test_a_client_without_key_and_secret_is_refused(registry):
    with pytest.raises(ValueError, match="needs a private key"):
        FhirIIS(FhirAddress.parse(registry.url))
