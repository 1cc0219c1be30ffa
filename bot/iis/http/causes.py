"""Why there is no answer, in words for an operator with the fix, and never in a library's own. Pure."""

import re
import socket
import ssl
from collections.abc import Iterator

CHECK_HOST = "check the host in IIS_URL"
UNREACHABLE = "it cannot be reached: check host and port in IIS_URL, and the firewall"
BROKE_OFF = "try again later; if this stays, ask the registry, and look at what stands in between"
EXPIRED = (9, 10)  # OpenSSL's X509_V_ERR_*: not yet, and no more
OTHER_NAME = (62, 63, 64)
UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
OURS = re.compile(r"ALERT_(?:\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)")  # what the other end calls bad
NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")


def cause(error: BaseException, otherwise: str) -> str:
    """Of an error of httpx, or of what lies under it. `otherwise`: for one that is not among those we know."""
    for under in _chain(error):
        match under:
            case ssl.SSLCertVerificationError():
                return _theirs(under.verify_code)
            case ssl.SSLError():
                return _tls(under.reason or "")
            case socket.gaierror():
                return "no such host is known: check its name in IIS_URL, and DNS"
            case ConnectionRefusedError():
                return "nobody listens at this port: check host and port in IIS_URL, and the firewall"
    return f"{otherwise} ({type(error).__name__})"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def _theirs(code: int) -> str:
    if code in EXPIRED:
        return "its certificate is not valid today: the registry must renew it, or this machine's clock is wrong"
    if code in OTHER_NAME:
        return f"its certificate is not valid for this name: {CHECK_HOST}"
    if code in UNKNOWN_AUTHORITY:
        return (
            f"its certificate is not valid here, being of an authority that we do not know: {CHECK_HOST}; for an "
            "authority of the state's own, name its file in IIS_CA_FILE"
        )
    return f"its certificate is not valid (OpenSSL's error {code}): ask the registry"


def _tls(reason: str) -> str:
    """`reason`: OpenSSL's, which is a constant."""
    if "CERTIFICATE_REQUIRED" in reason:
        return (
            "it asks for a certificate of ours: name its file and that of its key in IIS_CLIENT_CERT and IIS_CLIENT_KEY"
        )
    if OURS.search(reason):
        return (
            f"it does not take our certificate ({reason}): check IIS_CLIENT_CERT and IIS_CLIENT_KEY, and "
            "with the registry which certificate it knows"
        )
    if reason in NO_TLS:
        return "it does not speak TLS: check host and port in IIS_URL"
    return (
        f"no TLS came about ({reason or 'cut off'}): ask the registry which versions and ciphers it takes, and whether "
        "it wants a certificate of ours (IIS_CLIENT_CERT and IIS_CLIENT_KEY)"
    )
