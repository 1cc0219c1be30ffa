"""Dates in Vietnamese, Arabic and Tagalog: the ways that CLDR does not list, turned into those that it does."""

import re
import unicodedata

from bot.conversation.folding import fold

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
NAMES = (  # by month, beside those of CLDR; Tết's months (giêng, chạp) are of the lunar calendar: not read
    ("tháng một", "كانون الثاني", "كانون ثاني", "كانون ثان", "جانفي"),
    ("tháng hai", "شباط", "فيفري"),
    ("tháng ba", "آذار"),
    ("tháng tư", "نيسان", "أفريل"),
    ("tháng năm", "أيار", "ماي", "مايس"),
    ("tháng sáu", "حزيران", "جوان", "يونيه", "يونية"),
    ("tháng bảy", "تموز", "جويلية", "يوليوز", "يوليه", "يولية"),
    ("tháng tám", "آب", "أوت", "غشت", "أوغسطس"),
    ("tháng chín", "أيلول", "شتنبر", "septyembre"),
    ("tháng mười", "تشرين الأول", "تشرين أول"),
    ("tháng mười một", "تشرين الثاني", "تشرين ثاني", "تشرين ثان", "نونبر"),
    ("tháng mười hai", "كانون الأول", "كانون أول", "دجنبر", "desyembre"),
)
IDLE = (
    "ngày tháng năm sinh, ngày tháng năm, ngày, năm, mùng, mồng, sinh, vào, tôi, em, con, là, của, "
    "chủ nhật, thứ hai, thứ ba, thứ tư, thứ năm, thứ sáu, thứ bảy, "
    "يوم, اليوم, في, فى, من, هو, أنا, سنة, سنه, السنة, لسنة, عام, العام, لعام, م, ميلادي, ميلادية, تاريخ, بتاريخ, "
    "الميلاد, الولادة, ميلاد, ولادة, ولادتي, ولدت, مولود, مولودة, مواليد, "
    "a, ang, aking, ako, araw, ay, buwan, ika, ipinanganak, isinilang, kaarawan, kapanganakan, ko, nang, ng, noong, "
    "petsa, po, sa, si, taon, taong"
)
NUMBERED = re.compile(r"(?<![^\W\d_])(?:thang|thg|(?:ال)?شهر)\s*(?:(\d\d?)(?!\d)|(?=[^\W\d_]))")
COLON = re.compile(r"(?<=[^\W\d_])\s*:")  # "ngày sinh: 27/3/1985"; 10:30 stays no date
MEANS = {fold(name): month for month, names in zip(MONTHS, NAMES, strict=True) for name in names} | {
    fold(word): "" for word in IDLE.split(",")
}
LONGEST_FIRST = "|".join(map(re.escape, sorted(MEANS, key=len, reverse=True)))
KNOWN = re.compile(rf"(?<![^\W\d_])(?:{LONGEST_FIRST})(?![^\W\d_])")


def in_short(folded: str) -> str:
    """ "ngay 27 thang 3 nam 1985" -> "27 mar 1985". A month named by its number is no longer taken for a day."""
    shown = "".join(c for c in folded if unicodedata.category(c) != "Cf" and c != "ـ")  # direction marks, tatweel
    words = COLON.sub(" ", shown.replace("،", ","))
    return NUMBERED.sub(_month, KNOWN.sub(lambda known: f" {MEANS[known[0]]} ", words))


def _month(named: re.Match[str]) -> str:
    """ "thang 3" -> "mar", "شهر" before a name -> ""; "thang 13" stays and is no date."""
    if named[1] is None:
        return " "
    return f" {MONTHS[int(named[1]) - 1]} " if 1 <= int(named[1]) <= 12 else named[0]
