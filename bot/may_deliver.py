"""Who may get what: the one rule for every channel."""

from bot.records import VaccineRecord


def may_deliver(
    record: VaccineRecord, *, asked: str, sender: str, to: str, picture: bool = False, instead: bool = False
) -> bool:
    """Whether something about this record may go to `to`.

    `asked` is the contact that the resident named, `sender` the phone she texts from (E.164 or email, normalised).
    What proves who she is, is delivery to a contact on the record: so only the contact she named, only if the
    record holds it, and nowhere else. A picture shows the record to whoever sees it: only to her own number.
    `instead`: no text reaches the phone that she named. Then the email on this very record may serve in its place,
    where there is one and no second, for nobody knows which of several is still hers.
    """
    if asked not in record.contacts:
        return False
    if instead:
        return not picture and asked in record.phones and record.emails == {to}
    if to != asked:
        return False
    return not picture or to == sender
