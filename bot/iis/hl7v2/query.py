"""QBP^Q11: our question by the profile Z34 or Z44 of CDC's guide. Text only, no network."""

from datetime import datetime

import phonenumbers

from bot.iis.cleaning import one_line
from bot.iis.hl7v2.address import Hl7Address
from bot.iis.hl7v2.escaping import escape
from bot.iis.hl7v2.patients import Identifier
from bot.iis.hl7v2.timestamps import timestamp
from bot.records import E164, Demographics

NAMES = {"Z34": "Request Immunization History", "Z44": "Request Evaluated History and Forecast"}
MOST_CANDIDATES = "5^RD&records&HL70126"  # RCP-2, a CQ: of more the registry says TM, "too many"


def build_qbp(
    who: Demographics, address: Hl7Address, *, tag: str, at: datetime, known: Identifier | None = None
) -> str:
    """The question as one message; `tag` names it and comes back in the answer, and is at most 20 characters.

    `known`: how the registry calls her, when it said so before. `at` knows its time zone.
    """
    profile = address.profile
    query = ["QPD", f"{profile}^{NAMES[profile]}^CDCPHINVS", tag, _identifier(known), _name(who), ""]
    query += [who.birth_date.strftime("%Y%m%d"), "", "", _phone(who.contact)]
    segments = ["|".join(query), f"RCP|I|{MOST_CANDIDATES}"]
    header = _header(address, tag, at, "" if "".join(segments).isascii() else "UNICODE UTF-8")
    return "".join(f"{segment}\r" for segment in (header, *segments))


def _header(address: Hl7Address, tag: str, at: datetime, charset: str) -> str:
    places = (address.sending_app, address.facility, address.receiving_app, address.receiving_facility)
    fields = ["MSH", r"^~\&", *map(escape, places), timestamp(at), "", "QBP^Q11^QBP_Q11", tag, "P", "2.5.1", "", ""]
    return "|".join([*fields, "ER", "AL", "", charset, "", "", f"{address.profile}^CDCPHINVS"])


def _identifier(known: Identifier | None) -> str:
    if not known:
        return ""
    authority = "&".join(map(escape, known.authority)).rstrip("&")
    return f"{escape(known.number)}^^^{authority}^{escape(known.kind)}"


def _name(who: Demographics) -> str:
    """Family, first given name, further given names; type L, legal."""
    family, first = one_line(who.last_name) or "", one_line(who.first_name) or ""
    given, _, more = first.partition(" ")
    return "^".join([*map(escape, (family, given, more)), "", "", "", "L"])


def _phone(contact: str) -> str:
    """XTN: country, area and number apart; "" for an email, which the profile has no place for."""
    if not E164.fullmatch(contact):
        return ""
    number = phonenumbers.parse(contact)
    national = str(number.national_number)
    area, local = (national[:3], national[3:]) if number.country_code == 1 else ("", national)
    return f"^PRN^PH^^{number.country_code}^{area}^{local}"
