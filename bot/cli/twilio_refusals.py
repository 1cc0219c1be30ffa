"""What Twilio's API does not let us do, in words for the operator."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from twilio.base.exceptions import TwilioException

WORDS = {
    401: "Twilio does not let us in: check {sid} and {token}. Was the token replaced?",
    403: "Twilio lets us in, but this account may not do that: is it suspended, or is the token of another account?",
    404: "Twilio does not know it: check {sid}.",
    429: "Twilio says that we ask too much. Try again in a minute.",
}


class TwilioSaysNo(Exception):
    """What the operator can do is said in its text."""


@dataclass(frozen=True, slots=True)
class Names:
    """How the operator finds an account's settings."""

    sid: str
    token: str
    api_url: str
    sender: str


OF_SETTINGS = Names("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_URL", "TWILIO_FROM or TWILIO_SENDERS")
OF_FILE = Names(*(f"its {name} in TWILIO_SENDERS" for name in ("account_sid", "auth_token", "api_url", "senders")))


@contextmanager
def in_words(names: Names) -> Iterator[None]:
    """Raises TwilioSaysNo."""
    try:
        yield
    except TwilioException as error:
        status = status_of(error)
        other = f"Twilio answers with an error (HTTP {status}). Try again, and see status.twilio.com."
        raise TwilioSaysNo(WORDS.get(status, other).format(sid=names.sid, token=names.token)) from None
    except requests.RequestException as error:
        raise TwilioSaysNo(f"Twilio cannot be reached from here ({type(error).__name__}).") from None
    except (KeyError, TypeError, ValueError):
        raise TwilioSaysNo(f"What answers is not Twilio: is {names.api_url} right?") from None


def status_of(error: TwilioException) -> int:
    """Of one resource the SDK tells the status; of a list its second argument is the answer."""
    answer = error.args[1] if len(error.args) > 1 else None
    return int(getattr(error, "status", 0) or getattr(answer, "status_code", 0))
