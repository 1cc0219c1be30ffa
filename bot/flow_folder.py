"""Reads a flow's folder from disk; what is in it is the conversation's business."""

import base64
from pathlib import Path

from bot.conversation.brand import BRAND_FILE
from bot.conversation.flow import Flow
from bot.conversation.flow_files import FLOW_FILE, check_flow, load_flow
from bot.conversation.limits_file import LIMITS_FILE
from bot.conversation.logo import LOGO_TYPES
from bot.conversation.problems import FlowBroken, Problem
from bot.conversation.vaccine_rows import VACCINES_FILE

LARGEST = 1024 * 1024  # bytes; the conversation refuses far less, with a sentence


def open_flow(folder: Path) -> Flow:
    """Raises FlowBroken with every error."""
    return load_flow(read_folder(folder), str(folder))


def check_folder(folder: Path) -> tuple[Flow | None, list[Problem]]:
    """The flow, if it may start, and all problems, also what the transcripts leave out."""
    try:
        return check_flow({**read_folder(folder), **read_chats(folder)}, str(folder))
    except FlowBroken as broken:
        return None, list(broken.problems)


def read_folder(folder: Path) -> dict[str, str]:
    """The text of each flow file by its path in the folder; of a logo, its bytes in base64.

    Raises FlowBroken for what is no UTF-8 text.
    """
    return _read_all(folder, flow_paths(folder))


def flow_paths(folder: Path) -> list[Path]:
    """The files that make the flow; some may not be there."""
    logos = sorted(path for path in folder.glob("*.*") if path.suffix in LOGO_TYPES)
    return [
        folder / FLOW_FILE,
        folder / VACCINES_FILE,
        folder / BRAND_FILE,
        folder / LIMITS_FILE,
        *logos,
        *sorted(folder.glob("text/*.yaml")),
    ]


def read_chats(folder: Path) -> dict[str, str]:
    """The transcripts, by path as above. A running server does without."""
    return _read_all(folder, sorted(folder.glob("chats/*.chat")))


def _read_all(folder: Path, paths: list[Path]) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): _read(path) for path in paths if path.is_file()}


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST)
        if path.suffix in LOGO_TYPES:
            return base64.b64encode(data).decode()
        return data.decode(errors="strict" if len(data) < LARGEST else "ignore")  # the cut may split a character
    except (UnicodeDecodeError, OSError) as error:
        reason = (
            "it is not UTF-8 text; save it as UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror)
        )
        raise FlowBroken([Problem(str(path), 1, 1, f"this file cannot be read: {reason}")]) from None
