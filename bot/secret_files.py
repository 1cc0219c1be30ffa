"""Secrets in files: NAME_FILE names the file that holds NAME, as Docker and Kubernetes mount them."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, model_validator

SECRETS = (
    "redis_url iis_url audit_url twilio_auth_token smtp_url secret_keys link_pepper index_keys log_keys audit_keys "
    "funnel_password"
).split()
LONGEST = 64 * 1024  # bytes


class SecretFiles(BaseModel):
    """The files, each beside the setting that it holds."""

    redis_url_file: Path | None = None
    iis_url_file: Path | None = None
    twilio_auth_token_file: Path | None = None
    smtp_url_file: Path | None = None
    secret_keys_file: Path | None = None
    link_pepper_file: Path | None = None
    index_keys_file: Path | None = None
    log_keys_file: Path | None = None
    audit_keys_file: Path | None = None
    audit_url_file: Path | None = None
    funnel_password_file: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        """Fill the settings with what their files hold."""
        files = {name: given.get(f"{name}_file") or None for name in SECRETS}
        held, wrong = {}, []
        for name, file in files.items():
            try:
                if file:
                    held[name] = _held(name, Path(file), given)
            except ValueError as error:
                wrong.append(f"{name.upper()}_FILE: {error}")
        if wrong:
            raise ValueError("\n".join(wrong))
        return {**given, **{f"{name}_file": file for name, file in files.items()}, **held}

    def file_of(self, name: str) -> Path | None:
        found: Path | None = getattr(self, f"{name}_file")
        return found


def open_to_all(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)


def refuse_open(path: Path) -> None:
    """A file of ours that every user may read. One that is mounted we cannot change. Raises ValueError or OSError."""
    if open_to_all(path) and path.stat().st_uid == os.getuid() and os.access(path, os.W_OK) and not path.is_symlink():
        mode = stat.S_IMODE(path.stat().st_mode)
        raise ValueError(f"{path} may be read by others (mode {mode:o}); type: chmod 600 {path}")


def _held(name: str, path: Path, given: Mapping[str, Any]) -> str:
    if given.get(name):
        raise ValueError(f"{name.upper()} is given, too; leave one of them away")
    try:
        refuse_open(path)
        with path.open(encoding="utf-8") as file:
            text = file.read(LONGEST).strip()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text") from None
    if not text:
        raise ValueError(f"{path} is empty")
    return text


def readable_by_all(files: Iterator[Path]) -> list[Path]:
    """Those that are mounted so that every user of this machine may read them."""
    return [file for file in files if open_to_all(file)]
