"""The Flask app: which routes there are, and what every answer carries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, Response
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.drawing.draw import Drawer
from bot.iis.demo_people import DemoPerson
from bot.ports import Services
from bot.web import (
    drawn,
    errors,
    funnel,
    health,
    media,
    metrics,
    pages,
    phone,
    record,
    security_txt,
    sms,
    status,
    verify,
    well_known,
)
from bot.web.signature import Signature
from bot.web.trust_list import TrustList

LARGEST = 64 * 1024  # bytes of a request; a webhook has 1 to 4 KB
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HTTPS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def no_wait() -> None:
    """Answer as soon as the answer is known."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the routes need besides the services."""

    services: Services
    signatures: Mapping[str, Signature]  # by account
    account_sid: str  # the first of them
    card_issuer: str  # as our own cards name it
    trust_list: TrustList  # the issuers whose cards the page /verify believes
    senders: Sequence[str] = ()  # our own numbers, E.164, the first first; short codes and messaging services
    funnel_password: str = field(default="", repr=False)  # of staff who look at the funnel; "": there is no such page
    security_contacts: Sequence[str] = ()  # whom to tell of a weakness: mailto:, https: or tel:
    metrics_port: int = 0  # the inner port, which alone answers /metrics; 0: there is none
    certificate: Path | None = None  # by which the registry knows us
    issuer_path: str = ""  # of the address in the cards, such as "/vaccines": readers look for the keys under it
    outbox: Path | None = None  # given in the demo: opens the phone page
    drawer: Drawer = field(default_factory=Drawer)
    proxies: int = 0  # in front of us, each of which adds to X-Forwarded-For whom it heard
    people: tuple[DemoPerson, ...] = ()  # whom the phone page offers to text as
    blur: Callable[[], None] = no_wait  # called before each answer to a text

    @property
    def signature(self) -> Signature:
        """Of the first account."""
        return self.signatures[self.account_sid]

    @property
    def sender(self) -> str:
        """The number that residents are told to text."""
        return self.senders[0] if self.senders else ""


def create_app(site: Site) -> Flask:
    app = Flask(__name__, static_folder="static")
    app.url_map.merge_slashes = False  # the redirect from "//" would name whatever host the request names
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST
    app.jinja_env.undefined = StrictUndefined  # a word that is missing is a fault, not a gap
    app.extensions["vaxtext"] = site
    for room in (sms, status, record, drawn, media, pages, verify, well_known, security_txt, health, metrics, funnel):
        app.register_blueprint(room.routes)
    if site.issuer_path:
        app.register_blueprint(well_known.routes, url_prefix=site.issuer_path, name="well_known_of_issuer")
    if site.outbox:
        app.register_blueprint(phone.routes)
    errors.register(app)
    if site.proxies:  # only who sent it is taken from them; our own address is PUBLIC_URL
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=site.proxies, x_proto=0)  # type: ignore[method-assign]
    app.after_request(_with_headers(HTTPS | HEADERS if site.services.public_url.startswith("https:") else HEADERS))
    return app


def _with_headers(headers: Mapping[str, str]) -> Callable[[Response], Response]:
    def add(response: Response) -> Response:
        response.headers.extend((name, value) for name, value in headers.items() if name not in response.headers)
        return response

    return add
