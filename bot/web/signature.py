"""Twilio's signature: over the address configured at Twilio, never over what a request says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator


@dataclass(frozen=True, slots=True, repr=False)
class Signature:
    public_url: str
    tokens: Sequence[str]  # the first signs, all are accepted while one replaces another
    elsewhere: tuple[str, ...] = ()  # whole addresses by which we go besides, such as the fallback's

    def fits(self, path: str, form: Mapping[str, str], given: str | None) -> bool:
        """Whether one of the tokens signed this form for this path."""
        urls = [f"{self.public_url}{path}", *(url for url in self.elsewhere if urlsplit(url).path == path)]
        return any(RequestValidator(token).validate(url, form, given or "") for token in self.tokens for url in urls)

    def sign(self, path: str, form: Mapping[str, str]) -> str:
        """What Twilio would put into X-Twilio-Signature."""
        return str(RequestValidator(self.tokens[0]).compute_signature(f"{self.public_url}{path}", form))
