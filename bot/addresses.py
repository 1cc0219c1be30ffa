"""Addresses as operators write them."""


def spelled(address: str) -> str:
    """With its scheme in small letters, as every check of ours looks for it. Raises ValueError for what nobody sees."""
    if not address.isprintable():  # urlsplit passes over tabs and line breaks, and others do not
        raise ValueError("write it without tabs, line breaks and other characters that nobody sees")
    scheme, colon, rest = address.strip().partition(":")
    return f"{scheme.lower()}{colon}{rest}"
