"""Whether our public addresses answer, and whether it is us who answer there."""

from collections.abc import Iterator

import requests

from bot.cli.rows import Row
from bot.delivery.accounts import Account
from bot.web.signature import Signature

PATIENCE = 10.0  # seconds
SEE = "see that the proxy, the certificate and the firewall let Twilio through to the web process"


def reach(public_url: str, fallback_url: str) -> Iterator[Row]:
    yield _row("livez", f"{public_url}/livez", "GET", 200, '"alive":true')
    yield _row("webhook answers", f"{public_url}/twilio/sms", "POST", 403, "TWILIO_AUTH_TOKEN")
    if fallback_url.endswith("/twilio/fallback"):
        yield _row("fallback answers", fallback_url, "POST", 403, "TWILIO_AUTH_TOKEN")
    else:
        yield Row("fallback answers", fallback_url, need="the text in docs/operators.md", look=True)


def believed(account: Account, public_url: str) -> Row:
    """Whether the web process has this account with this token: what is signed for no message is refused otherwise
    than what nobody signed, and changes nothing."""
    what, path = "our web believes it", "/twilio/status/doctor"
    form = {"AccountSid": account.sid, "MessageSid": f"SM{'0' * 32}", "MessageStatus": "sent"}
    headers = {"X-Twilio-Signature": Signature(public_url, account.tokens).sign(path, form)}
    try:
        answer = requests.post(f"{public_url}{path}", form, headers=headers, timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        return Row(what, f"nothing answers at {public_url} ({type(error).__name__})", "HTTP 400", SEE)
    if answer.status_code == 400:
        return Row(what, "yes, with the token that we have here")
    if answer.status_code == 403:
        start = "give web and worker the same TWILIO_* and the same file of TWILIO_SENDERS as here, and restart them"
        return Row(what, "no: the web process does not know this account, or by another token", "yes", start)
    return Row(what, f"{public_url} answers with HTTP {answer.status_code}", "HTTP 400", SEE)


def _row(what: str, url: str, method: str, status: int, words: str) -> Row:
    """What nobody signed must be refused by us, in our words: then it is our process behind that address."""
    try:
        form = {"MessageSid": "unsigned"} if method == "POST" else None
        answer = requests.request(method, url, data=form, timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        return Row(what, f"nothing answers at {url} ({type(error).__name__})", f"HTTP {status}", SEE)
    ours = words in answer.text.replace(" ", "")
    if answer.status_code == status and ours:
        return Row(what, "yes, asked from this machine")
    found = f"{url} answers with HTTP {answer.status_code}{'' if ours else ', and it is not us'}"
    return Row(what, found, f"HTTP {status} from the web process", SEE)
