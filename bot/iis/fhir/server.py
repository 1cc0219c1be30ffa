"""A FHIR R4 server, asked by its REST API: tokens, searches page by page, and never anywhere but at its own address."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import httpx

from bot.iis.fhir.address import FhirAddress, is_safe
from bot.iis.fhir.answer import bundled, check, json_object, resource
from bot.iis.fhir.assertion import AssertionKey
from bot.iis.fhir.capabilities import token_url
from bot.iis.fhir.client import Answer, FhirClient
from bot.iis.fhir.oauth import Token, Tokens
from bot.iis.fhir.resources import Resource
from bot.ports import IISRejected

FHIR_JSON = "application/fhir+json"
MOST_PAGES = 20
MOST_RESOURCES = 1000
NOT_DONE = (404, 405, 501)  # the server does not know how
ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")  # with the underscore that FHIR does not allow and servers use
PATIENT = re.compile(rf"(?:.*/)?Patient/({ID.pattern})(?:/_history/[^/]+)?")


class FhirServer:
    """One attempt each. Everything raises IISUnavailable or IISRejected."""

    def __init__(self, address: FhirAddress, client: FhirClient, key: AssertionKey | None) -> None:
        """Raises ValueError for a client id that comes without key and secret."""
        self._base, self._client = address.base, client
        self.tokens = Tokens(address, client, key, self._token_url) if address.client_id else None

    def capability_statement(self) -> Resource:
        """Servers show it to everybody; to those that do not, we say who we are."""
        asked = "/metadata"
        answer = self._send("GET", f"{self._base}/metadata", None)
        return resource(self._get("metadata") if answer.status in (401, 403) else answer, asked)

    def match(self, parameters: Resource) -> list[Resource] | None:
        """What $match finds, or None from a server that does not know it, whatever it said."""
        asked = "Patient $match"
        headers = {"Content-Type": FHIR_JSON}
        answer = self._ask("POST", f"{self._base}/Patient/$match", json=parameters, headers=headers)
        return None if answer.status in NOT_DONE else list(self._found(answer, asked))

    def search_posted(self, kind: str, parameters: Mapping[str, str]) -> list[Resource] | None:
        """A search whose parameters stand in no log, or None from a server that only takes GET."""
        answer = self._ask("POST", f"{self._base}/{kind}/_search", data=parameters)
        return None if answer.status in NOT_DONE else list(self._found(answer, f"{kind} search"))

    def search(self, kind: str, parameters: Mapping[str, str]) -> list[Resource]:
        return list(self._found(self._get(kind, parameters), f"{kind} search"))

    def patient(self, reference: str) -> Resource | None:
        """The Patient of this id, at this server whatever the reference says; None if there is none."""
        named = PATIENT.fullmatch(reference)
        answer = self._get(f"Patient/{named[1]}") if named else None
        return None if answer is None or answer.status in (404, 410) else resource(answer, "Patient read")

    def _found(self, answer: Answer, asked: str) -> Iterator[Resource]:
        """What is on this page and on all that follow."""
        total = 0
        for _ in range(MOST_PAGES):
            bundle = resource(answer, asked)
            page = bundled(bundle, asked)
            yield from page
            total += len(page)
            url = _next(bundle)
            if url is None:
                return
            if total > MOST_RESOURCES:
                break
            answer = self._ask("GET", self._own(url, asked))
        raise IISRejected(f"{asked}: too much to read; does the registry ignore what we search by?")

    def _get(self, path: str, parameters: Mapping[str, str] | None = None) -> Answer:
        return self._ask("GET", f"{self._base}/{path}", params=parameters)

    def _ask(self, method: str, url: str, **request: Any) -> Answer:
        token = self.tokens.current() if self.tokens else None
        answer = self._send(method, url, token, **request)
        if answer.status == 401 and token and self.tokens:
            answer = self._send(method, url, self.tokens.renewed(token), **request)
        return answer

    def _send(
        self, method: str, url: str, token: Token | None, headers: Mapping[str, str] | None = None, **request: Any
    ) -> Answer:
        shown = {"Authorization": f"Bearer {token.value}"} if token else {}
        sent = {"Accept": FHIR_JSON, **(headers or {}), **shown}
        return self._client.send(method, url, headers=sent, **request)

    def _token_url(self) -> str:
        asked = "/.well-known/smart-configuration"
        answer = self._client.send("GET", f"{self._base}{asked}", headers={"Accept": "application/json"})
        if answer.status < 400:
            check(answer, asked)
            found = json_object(answer, asked).get("token_endpoint")
        else:
            metadata = self._send("GET", f"{self._base}/metadata", None)
            found = token_url(resource(metadata, "/metadata"))
        if not isinstance(found, str) or not is_safe(found, self._base):
            raise IISRejected("the registry does not say where it gives tokens; write it into IIS_URL as ?token=")
        return found

    def _own(self, url: str, asked: str) -> str:
        """The URL if it is under our address: our token, and our questions, go nowhere else."""
        base = httpx.URL(self._base)
        try:
            found = httpx.URL(f"{self._base}/").join(url)
        except httpx.InvalidURL:
            found = httpx.URL("")
        same_origin = (found.scheme, found.host, found.port) == (base.scheme, base.host, base.port)
        path = unquote(found.path)
        under = path == base.path.rstrip("/") or path.startswith(f"{base.path.rstrip('/')}/")
        if not (same_origin and under) or found.userinfo or ".." in path.split("/"):
            raise IISRejected(f"{asked}: the next page is not under the address in IIS_URL, so we did not fetch it")
        return str(found)


def _next(bundle: Resource) -> str | None:
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            return str(link["url"])
    return None
