"""Who may get what: the one rule for every channel."""

from bot.records import VaccineRecord


def may_deliver(record: VaccineRecord, *, asked: str, sender: str, to: str, picture: bool = False) -> bool:
    """Whether something about this record may go to `to`.

    `asked` is the contact that the resident named, `sender` the phone she texts from (E.164 or email, normalised).
    What proves who she is, is delivery to a contact on the record: so only the contact she named, only if the
    record holds it, and nowhere else. A picture shows the record to whoever sees it: only to her own number.
    """
    if to != asked or asked not in record.contacts:
        return False
    return not picture or to == sender
