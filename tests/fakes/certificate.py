"""Certificates for servers on loopback and for those who ask them, by an authority that is made for one test."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM
DAY = timedelta(days=1)


class Authority:
    """`file` is what those need who are to trust it."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder, self._key, self._name = folder, _new_key(), _named(name)
        self._certificate = _unsigned(self._name, self._name, self._key, self._key, ends=DAY, authority=True).sign(
            self._key, hashes.SHA256()
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._certificate.public_bytes(PEM))

    def issue(self, host: str = "127.0.0.1", *, ends: timedelta = DAY, password: str = "") -> tuple[Path, Path]:
        """A certificate for an address and its key. It began two days ago; `ends`: how long from now."""
        key = _new_key()
        made = (
            _unsigned(_named(host), self._name, key, self._key, ends=ends, authority=False)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        number = len(list(self._folder.iterdir()))
        certificate, private = self._folder / f"{number}.pem", self._folder / f"{number}.key"
        certificate.write_bytes(made.public_bytes(PEM))
        sealed = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        private.touch(0o600)
        private.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, sealed))
        return certificate, private

    def serve(self, host: str = "127.0.0.1", *, ends: timedelta = DAY, demanding: bool = False) -> ssl.SSLContext:
        """A server's side of it. `demanding`: it lets nobody in without a certificate of this authority."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.issue(host, ends=ends))
        if demanding:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.file)
        return context


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """What to trust, and a server's side of it."""
    authority = Authority(folder)
    return authority.file, authority.serve()


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _unsigned(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ends: timedelta,
    authority: bool,
) -> x509.CertificateBuilder:
    """With all that the strict rules of newer Pythons ask for."""
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        """digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign
        encipher_only decipher_only""".split(),
        False,
    )
    usage |= {"key_cert_sign": authority, "digital_signature": not authority}
    return (
        x509.CertificateBuilder(issuer_name=issuer, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * DAY)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
