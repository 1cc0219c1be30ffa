"""What residents get, named once in each language: the text `record_name`, which other texts write as {record}."""

RECORD, RECORD_NAME = "record", "record_name"
BLANK = f"{{{RECORD}}}"
ENDS = ".!?¿¡"  # after these, and at the beginning of a text, a sentence begins


def with_record(text: str, name: str) -> str:
    """The text with {record} filled. The name is written as inside a sentence; where one begins it gets a capital."""
    before, *others = text.split(BLANK)
    for after in others:
        begins = before.rstrip()[-1:] in ("", *ENDS)
        before += (name[:1].upper() + name[1:] if begins else name) + after
    return before
