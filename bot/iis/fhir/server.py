"""A FHIR R4 server, asked by its REST API: tokens, searches page by page, and never anywhere but at its own address."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import httpx

from bot.iis.fhir.address import FhirAddress, is_safe
from bot.iis.fhir.answer import (
    PAGE,
    UNKNOWN_HERE,
    away,
    check,
    is_unknown_here,
    json_object,
    nameless,
    resource,
    speaks_fhir,
)
from bot.iis.fhir.assertion import AssertionKey
from bot.iis.fhir.capabilities import token_url
from bot.iis.fhir.elements import Resource
from bot.iis.fhir.match import tells_who
from bot.iis.fhir.oauth import Token, Tokens
from bot.iis.fhir.searchset import check_whole, read_page
from bot.iis.http.client import Answer, HttpClient
from bot.ports import IISRejected

FHIR_JSON = "application/fhir+json"
MOST_PAGES = 20
MOST_RESOURCES = 1000
BY_GET = (
    "?search=get in IIS_URL allows searches by GET, which leave names, birth dates and contacts in the logs on the way"
)
ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")  # with the underscore that FHIR does not allow and servers use
ASKED_BY_POST = re.compile(r"/(?:_search|\$match)$")
PATIENT = re.compile(rf"(?:.*/)?Patient/({ID.pattern})(?:/_history/[^/]+)?")


class FhirServer:
    """One attempt each. Everything raises IISUnavailable or IISRejected."""

    def __init__(self, address: FhirAddress, client: HttpClient, key: AssertionKey | None) -> None:
        """Raises ValueError for a client id that comes without key and secret."""
        self._base, self._client, self._by_get = address.base, client, address.by_get
        self.tokens = Tokens(address, client, key, self._token_url) if address.client_id else None

    def capability_statement(self) -> Resource:
        """Servers show it to everybody; to those that do not, we say who we are."""
        asked = "/metadata"
        answer = self._send("GET", f"{self._base}/metadata", None)
        return resource(self._get("metadata") if answer.status in (401, 403) else answer, asked)

    def match(self, parameters: Resource) -> list[Resource] | None:
        """The best that $match finds, or None from a server that says it does not know it."""
        asked = "Patient $match"
        headers = {"Content-Type": FHIR_JSON}
        answer = self._ask("POST", f"{self._base}/Patient/$match", json=parameters, headers=headers)
        return None if is_unknown_here(answer) else self._found(answer, asked, best_only=True)

    def patients(self, parameters: Mapping[str, str]) -> list[Resource]:
        """By POST, so that she stands in no log on the way; by GET only where IIS_URL allows it."""
        if self._by_get:
            return self.search("Patient", parameters)
        asked = "Patient search"
        answer = self._ask("POST", f"{self._base}/Patient/_search", data=parameters)
        if is_unknown_here(answer):
            raise IISRejected(f"{asked}: HTTP {answer.status}: the registry takes no search by POST; {BY_GET}")
        if answer.status in UNKNOWN_HERE:  # a page; it may go away again, or be the last word of a server in between
            raise away(answer, asked, f"{PAGE}; or it takes no search by POST: then {BY_GET}")
        return self._found(answer, asked)

    def search(self, kind: str, parameters: Mapping[str, str]) -> list[Resource]:
        return self._found(self._get(kind, parameters), f"{kind} search")

    def patient(self, reference: str) -> Resource | None:
        """The Patient of this id, at this server whatever the reference says; None if there is none."""
        named = PATIENT.fullmatch(reference)
        answer = self._get(f"Patient/{named[1]}") if named else None
        if answer is None or (answer.status in (404, 410) and speaks_fhir(answer)):
            return None
        return resource(answer, "Patient read")

    def _found(self, answer: Answer, asked: str, *, best_only: bool = False) -> list[Resource]:
        """What is on this page and on all that follow."""
        found: list[Resource] = []
        entries = 0
        for _ in range(MOST_PAGES):
            page = read_page(resource(answer, asked), asked)
            found += page.found
            entries += page.entries
            if page.following is None:
                check_whole(page, entries, asked, best_only=best_only)
                return found
            if entries > MOST_RESOURCES:
                break
            answer = self._turn(self._own(page.following, asked))
        raise IISRejected(f"{asked}: too much to read; does the registry ignore what we search by?")

    def _turn(self, url: httpx.URL) -> Answer:
        """The next page of a search or a match; where its address repeats who is asked for, it is searched by POST."""
        if self._by_get or not tells_who(url.params):
            return self._ask("GET", str(url))
        path = ASKED_BY_POST.sub("", url.path)
        form = {name: url.params.get_list(name) for name in url.params}
        return self._ask("POST", str(url.copy_with(path=f"{path}/_search", query=None)), data=form)

    def _get(self, path: str, parameters: Mapping[str, str] | None = None) -> Answer:
        return self._ask("GET", f"{self._base}/{path}", params=parameters)

    def _ask(self, method: str, url: str, **request: Any) -> Answer:
        token = self.tokens.current() if self.tokens else None
        answer = self._send(method, url, token, **request)
        if answer.status == 401 and token and self.tokens:
            answer = self._send(method, url, self.tokens.renewed(token), **request)
        if answer.status == 401 and not token:
            raise nameless(answer)
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
        if answer.status >= 400 and not answer.out_of_order:  # many have none
            metadata = self._send("GET", f"{self._base}/metadata", None)
            found = token_url(resource(metadata, "/metadata"))
        else:
            check(answer, asked)
            found = json_object(answer, asked).get("token_endpoint")
        if not isinstance(found, str) or not is_safe(found, self._base):
            raise IISRejected("the registry does not say where it gives tokens; write it into IIS_URL as ?token=")
        return found

    def _own(self, url: str, asked: str) -> httpx.URL:
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
        return found
