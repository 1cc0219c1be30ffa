"""Posts to Twilio's routes, right ones and forged ones, from what a forger can vary. Each has a name and a verdict."""

import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha1, sha256
from urllib.parse import quote, urlencode

from conftest import ACCOUNT_SID, ANA, AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL

FORM = "application/x-www-form-urlencoded"
ROUTES = {"sms": "/twilio/sms", "fallback": "/twilio/fallback", "status": f"/twilio/status/{'a' * 24}"}
SIGNED = {  # what the signature is over, from the address that is configured at Twilio: the first two are exact
    "our address": "{base}{path}",
    "with its port": "{base}:443{path}",
    "http": "http://bot.example.org{path}",
    "http with port": "http://bot.example.org:80{path}",
    "port 80": "{base}:80{path}",
    "port 8443": "{base}:8443{path}",
    "capital host": "https://BOT.example.org{path}",
    "capital scheme": "HTTPS://bot.example.org{path}",
    "host with dot": "https://bot.example.org.{path}",
    "subdomain": "https://www.bot.example.org{path}",
    "longer host": "https://bot.example.org.evil.example{path}",
    "another host": "https://evil.example.org{path}",
    "localhost": "http://127.0.0.1:8000{path}",
    "user in front": "https://twilio@bot.example.org{path}",
    "slash behind": "{base}{path}/",
    "two slashes": "{base}/{path}",
    "capital path": "{base}{upper}",
    "escaped path": "{base}{escaped}",
    "question mark": "{base}{path}?",
    "query": "{base}{path}?x=1",
    "fragment": "{base}{path}#rc=2",
    "another route": "{base}/twilio/other",
    "path only": "{path}",
    "host only": "{base}",
    "nothing": "",
}
EXACT = {"our address", "with its port"}
CLAIMS: dict[str, dict[str, str]] = {  # what a request says of itself
    "says nothing": {},
    "Host": {"Host": "evil.example.org"},
    "Host with port": {"Host": "bot.example.org:8443"},
    "X-Forwarded-Host": {"X-Forwarded-Host": "evil.example.org", "X-Forwarded-Port": "80"},
    "X-Forwarded-Proto": {"X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/evil"},
    "Forwarded": {"Forwarded": "for=1.2.3.4;host=evil.example.org;proto=http"},
    "X-Original-URL": {"X-Original-URL": "/livez", "X-Rewrite-URL": "/livez"},
    "X-HTTP-Method-Override": {"X-HTTP-Method-Override": "GET", "X-Method-Override": "GET"},
}
PATHS = {  # under which the right form, rightly signed, is posted: what status it gets
    "query": ("{path}?x=1", 400),
    "bodySHA256": ("{path}?bodySHA256=00", 400),
    "form in the query": ("{path}?From=%2B13605550199", 400),
    "slash behind": ("{path}/", 404),
    "two slashes": ("/twilio//{last}", 404),
    "dot": ("/twilio/./{last}", 404),
    "capitals": ("{upper}", 404),
    "blank behind": ("{path}%20", 404),
    "NUL behind": ("{path}%00", 404),
    "escaped slash": ("/twilio%2F{last}x", 404),
    "parameter": ("{path};x=1", 404),
}
METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "FOO")
ENCODINGS = (FORM.upper(), f"{FORM}; charset=UTF-8", f"{FORM};charset=utf-8", f" {FORM} ")  # all say the same
OTHER_TYPES = ("", "application/json", "text/plain", "text/xml", "multipart/form-data; boundary=x", f"{FORM}x", "*/*")
OTHER_TYPES += ("application/octet-stream", f"text/{FORM}", "application/x-www-form", "application/json; x=form")


@dataclass(frozen=True)
class Post:
    name: str
    route: str  # "sms", "fallback", "status"
    path: str
    body: bytes
    statuses: tuple[int, ...]
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = FORM
    method: str = "POST"

    @property
    def taken(self) -> bool:
        return self.statuses == (200,)


def all_posts() -> list[Post]:
    return [post for route in ROUTES for axis in AXES for post in axis(route)]


def form(route: str) -> dict[str, str]:
    """What Twilio posts."""
    common = {"MessageSid": "SM" + "0" * 32, "AccountSid": ACCOUNT_SID, "From": ANA, "To": OUR_NUMBER}
    if route == "status":
        return {**common, "MessageStatus": "delivered", "ApiVersion": "2010-04-01"}
    return {**common, "Body": "Hola, é + & = ñ\n", "NumMedia": "0", "ApiVersion": "2010-04-01"}


def signature(url: str, params: dict[str, str], token: str = AUTH_TOKEN, kind: object = sha1) -> str:
    """By Twilio's rule, written down once more: https://www.twilio.com/docs/usage/security#validating-requests."""
    text = url + "".join(name + value for name, value in sorted(params.items()))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), kind).digest()).decode()  # type: ignore[arg-type]


def right(route: str, name: str = "right", params: dict[str, str] | None = None, **changes: object) -> Post:
    """A post that is signed for its route; `changes` come after the signature."""
    given = form(route) if params is None else params
    path = ROUTES[route]
    signed = {"X-Twilio-Signature": signature(PUBLIC_URL + path, given)}
    return replace(Post(name, route, path, urlencode(given).encode(), (200,), signed), **changes)  # type: ignore[arg-type]


def _addresses(route: str) -> Iterator[Post]:
    path = ROUTES[route]
    for over, pattern in SIGNED.items():
        url = pattern.format(base=PUBLIC_URL, path=path, upper=path.upper(), escaped=path.replace("t", "%74"))
        for claim, headers in CLAIMS.items():
            signed = {"X-Twilio-Signature": signature(url, form(route)), **headers}
            statuses = (200,) if over in EXACT else (403,)
            yield right(route, f"signed over {over}, {claim}", headers=signed, statuses=statuses)


def _paths(route: str) -> Iterator[Post]:
    path = ROUTES[route]
    for name, (pattern, status) in PATHS.items():
        posted = pattern.format(path=path, upper=path.upper(), last=path.removeprefix("/twilio/"))
        # a delivery's id may be any text for the router, and then its signature does not fit
        statuses = (status,) if status == 400 or route != "status" else (403, 404)
        yield right(route, f"posted to path with {name}", path=posted, statuses=statuses)
        over = {"X-Twilio-Signature": signature(PUBLIC_URL + posted, form(route))}
        yield right(
            route, f"posted to and signed over path with {name}", path=posted, headers=over, statuses=_also(statuses)
        )


def _also(statuses: tuple[int, ...]) -> tuple[int, ...]:
    return (*statuses, 400) if 403 in statuses else statuses


def _methods(route: str) -> Iterator[Post]:
    for method in METHODS:
        yield right(route, f"method {method}", method=method, statuses=(405,))
    params, path = form(route), ROUTES[route]
    address = f"{path}?{urlencode(params)}"
    signed = {"X-Twilio-Signature": signature(PUBLIC_URL + address, {})}
    yield right(route, "GET as Twilio signs it", method="GET", path=address, body=b"", headers=signed, statuses=(405,))
    yield right(route, "POST with all in the query", path=address, body=b"", headers=signed, statuses=(400,))


def _signatures(route: str) -> Iterator[Post]:
    params, url = form(route), PUBLIC_URL + ROUTES[route]
    good = signature(url, params)
    raw = base64.b64decode(good)
    forged = {
        "empty": "",
        "blank": " ",
        "nonsense": "x",
        "shorter": good[:-1],
        "longer": good + "=",
        "without padding": good.rstrip("="),
        "other case": good.swapcase(),
        "twice": f"{good},{good}",
        "twice with blank": f"{good} {good}",
        "in quotes": f'"{good}"',
        "blank in front": f" {good}",
        "named": f"sha1={good}",
        "hexadecimal": raw.hex(),
        "raw": raw.decode("latin-1").replace("\n", " ").replace("\r", " "),
        "letters": "é" * 28,
        "NULs": "\x00" * 28,
        "very long": "A" * 20_000,
        "of an empty form": signature(url, {}),
        "another token": signature(url, params, "another_token"),
        "no token": signature(url, params, ""),
        "our account as token": signature(url, params, ACCOUNT_SID),
        "both tokens": signature(url, params, f"{AUTH_TOKEN},the_token_before"),
        "SHA-256": signature(url, params, kind=sha256),
        "not hashed": base64.b64encode(url.encode()).decode(),
    }
    for name, value in forged.items():
        yield right(route, f"signature {name}", headers={"X-Twilio-Signature": value}, statuses=(403,))
    yield right(route, "no signature", headers={}, statuses=(403,))
    yield right(route, "signature under another name", headers={"Twilio-Signature": good}, statuses=(403,))
    settings = {"X-Twilio-Webhooks-Signature-Settings": "key=a,algorithm=HMAC_SHA256"}
    by_key = {"X-Twilio-Signature": signature(url, params, kind=sha256), **settings}
    yield right(route, "signature of a kind that we did not ask for", headers=by_key, statuses=(403,))
    before = {"X-Twilio-Signature": signature(url, params, "the_token_before")}
    yield right(route, "the token that is being replaced", headers=before)


def _encodings(route: str) -> Iterator[Post]:
    params = form(route)
    for kind in ENCODINGS:
        yield right(route, f"content type {kind!r}", content_type=kind)
    for kind in OTHER_TYPES:
        yield right(route, f"content type {kind!r}", content_type=kind, statuses=(415,))
    backwards = urlencode(dict(sorted(params.items(), reverse=True))).encode()
    yield right(route, "keys in another order", body=backwards)
    yield right(route, "blanks as %20", body=urlencode(params, quote_via=quote).encode())
    everything = "&".join(f"{_all_escaped(k)}={_all_escaped(v)}" for k, v in params.items()).encode()
    yield right(route, "every letter escaped", body=everything)
    yield right(route, "one & more", body=urlencode(params).encode() + b"&")
    body = json.dumps(params).encode()
    digest = sha256(body).hexdigest()
    address = f"{ROUTES[route]}?bodySHA256={digest}"
    signed = {"X-Twilio-Signature": signature(PUBLIC_URL + address, {})}
    kinds = {"JSON": "application/json", "JSON as a form": FORM}
    for name, kind in kinds.items():
        statuses = (415,) if kind != FORM else (400,)
        given = {"path": address, "body": body, "headers": signed, "content_type": kind, "statuses": statuses}
        yield right(route, f"{name}, signed as Twilio signs JSON", **given)
    mixed = {**params, "From": "+13605550199"}
    for name, content in {"changed": mixed, "as signed": params}.items():
        parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in content.items())
        kind = "multipart/form-data; boundary=x"
        yield right(route, f"multipart, {name}", body=f"{parts}--x--\r\n".encode(), content_type=kind, statuses=(415,))


def _forms(route: str) -> Iterator[Post]:
    params = form(route)
    for key in params:
        plain = urlencode(params)
        yield right(
            route, f"{key} twice, equal", body=f"{plain}&{urlencode({key: params[key]})}".encode(), statuses=(400,)
        )
        yield right(route, f"{key} twice, the second forged", body=f"{plain}&{key}=forged".encode(), statuses=(400,))
        yield right(route, f"{key} twice, the first forged", body=f"{key}=forged&{plain}".encode(), statuses=(400,))
        for name, changed in _changed(params, key):
            yield right(route, f"{key} {name}", body=urlencode(changed).encode(), statuses=(403,))
    more = {"one key more": {"Forged": "1"}, "one empty key more": {"": "x"}, "one blank key more": {" ": ""}}
    for name, extra in more.items():
        yield right(route, name, body=urlencode({**params, **extra}).encode(), statuses=(403,))
    bodies = {
        "no body": b"",
        "only &": b"&&&&",
        "no =": b"forged",
        "half an escape": b"Body=%f&x=%",
        "binary": b"\xff\x00",
    }
    for name, body in bodies.items():
        yield right(route, name, body=body, statuses=(403,))
    yield right(route, "a body that is too large", body=b"Body=" + b"x" * 70_000, statuses=(413,))
    yield right(route, "too many keys", body=b"&".join(b"%d=1" % n for n in range(12_000)), statuses=(403, 413))
    for name, changes in _not_for_us(route):
        yield right(route, name, {**params, **changes}, statuses=(400,))
    yield right(route, "one key more, signed too", {**params, "NewThing": "1"})


def _changed(params: dict[str, str], key: str) -> Iterator[tuple[str, dict[str, str]]]:
    """After it was signed."""
    value = params[key]
    yield "left out", {name: params[name] for name in params if name != key}
    yield "emptied", {**params, key: ""}
    yield "forged", {**params, key: "+13605550199"}
    yield "with a blank behind", {**params, key: value + " "}
    yield "with a NUL behind", {**params, key: value + "\x00"}
    yield "with an invisible sign", {**params, key: value + "\u200b"}
    yield "in wide letters", {**params, key: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)}
    lower = {name: params[name] for name in params if name != key} | {key.lower(): value}
    yield "under a name in small letters", lower


def _not_for_us(route: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Truly signed by our token, but not what our account gets."""
    sid = "SM" + "0" * 32
    for name, account in {
        "another account": "AC" + "1" * 32,
        "no account": "",
        "capital account": "ac" + "0" * 32,
    }.items():
        yield name, {"AccountSid": account}
    for wrong in (
        "",
        "SM1",
        sid + "0",
        sid + "\n",
        " " + sid,
        sid.lower(),
        "XX" + "0" * 32,
        "SM" + "０" * 32,
        f"{sid},{sid}",
    ):
        yield f"MessageSid {wrong!r}", {"MessageSid": wrong}
    if route == "status":
        for wrong in ("", "delivered\n", "DELIVERED", "x" * 30, "<script>", "{{7*7}}", "delivered;"):
            yield f"MessageStatus {wrong!r}", {"MessageStatus": wrong}


def _all_escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


AXES = (_addresses, _paths, _methods, _signatures, _encodings, _forms)
