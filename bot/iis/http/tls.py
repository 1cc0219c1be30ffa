"""TLS with a registry: whom we trust at the other end, and with which certificate we say who we are."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM. Without any, the public authorities are trusted and we show no certificate."""

    ca_file: Path | None = None  # the authorities that are trusted, and no others
    client_cert: Path | None = None  # with what links it to its authority, and with its key if that has no file
    client_key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Raises ValueError with the setting and the fix."""
        context = self._trusting()
        if self.client_cert:
            context.post_handshake_auth = True  # some ask for it only when they see the path
            self._show(context, self.client_cert)
        return context

    def _trusting(self) -> ssl.SSLContext:
        if not self.ca_file:
            return httpx.create_ssl_context()
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError:  # ssl.SSLError is one
            raise ValueError("IIS_CA_FILE: there is no certificate (PEM) of an authority in this file") from None

    def _show(self, context: ssl.SSLContext, client_cert: Path) -> None:
        try:
            context.load_cert_chain(client_cert, self.client_key, password=_no_password)
        except OSError as error:
            if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
                raise ValueError("IIS_CLIENT_KEY: this is not the key of the certificate in IIS_CLIENT_CERT") from None
            raise ValueError(
                "IIS_CLIENT_CERT: this file and IIS_CLIENT_KEY must hold a certificate and its private key, both in PEM"
            ) from None


PUBLIC = Tls()


def _no_password() -> str:
    """OpenSSL would ask the terminal."""
    raise ValueError("IIS_CLIENT_KEY: the key has a password; write it without one, for nobody else to read")
