"""The body of an answer that a stranger's server sends, as it came over the wire, and never more than we want."""

import httpx


def read_body(response: httpx.Response, longest: int) -> bytes | None:
    """Of a streamed answer, not unpacked; None as soon as it has more than `longest` bytes."""
    body = bytearray()
    for piece in response.iter_raw():
        body += piece
        if len(body) > longest:
            return None
    return bytes(body)
