"""Names folded to words: case, accents, signs and styles gone, suffixes set apart. Pure."""

import re
import unicodedata
from collections.abc import Iterable

APOSTROPHES = str.maketrans("", "", "'`´’‘‛ʼʻʹ′＇")
NO_WORD = re.compile("[^a-z0-9]")
EMOJI_STYLE = "\ufe0e\ufe0f\u20e3"  # marks to Unicode, but no accents
NO_MARK_TO_DROP = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"}
)
# As simplified and traditional Chinese write the same name. Signs that stand for two in the other script are left out.
TRADITIONAL = (
    "張陳劉楊黃趙吳孫馬羅鄭謝韓馮鄧許蘇盧蔣葉閻鍾譚陸範龍賈鄒賀顧萬錢湯嚴湛魯龔賴單齊紀歐莊諸駱"
    "華國偉麗強軍傑濤鵬輝慶紅雲蘭鳳遠飛藝學貴榮寶東建玲瑩潔靜嬌嵐曉詩夢蓮嫻麟達義興勝鋒銳寧聖禮賢愛歡樂環瓊維綺純緣綠"
)
SIMPLIFIED = (
    "张陈刘杨黄赵吴孙马罗郑谢韩冯邓许苏卢蒋叶阎钟谭陆范龙贾邹贺顾万钱汤严湛鲁龚赖单齐纪欧庄诸骆"
    "华国伟丽强军杰涛鹏辉庆红云兰凤远飞艺学贵荣宝东建玲莹洁静娇岚晓诗梦莲娴麟达义兴胜锋锐宁圣礼贤爱欢乐环琼维绮纯缘绿"
)
TO_SIMPLIFIED = str.maketrans(TRADITIONAL, SIMPLIFIED)
SUFFIXES = {
    "jr": "jr",
    "junior": "jr",
    "sr": "sr",
    "senior": "sr",
    "ii": "2nd",
    "2nd": "2nd",
    "iii": "3rd",
    "3rd": "3rd",
    "iv": "4th",
    "4th": "4th",
}


def words(name: str) -> list[str]:
    """ "Muñoz-Peña, Jr." -> ["munoz", "pena"]; "王小明" -> ["王小明"]."""
    return [plain(word) for word in without_suffixes(marked(name))]


def without_suffixes(found: list[str]) -> list[str]:
    """Without "Jr", unless it is all there is: a man may be called Junior."""
    return [word for word in found if word not in SUFFIXES] or found


def suffixes(parts: Iterable[str]) -> set[str]:
    """["Robert", "Hayes, Jr."] -> {"jr"}; a name that is nothing but "Junior" has none."""
    found = [marked(part) for part in parts]
    return {SUFFIXES[word] for part in found for word in part if word in SUFFIXES and len(part) > 1}


def marked(name: str) -> list[str]:
    """ "Groß-Müller" -> ["gross", "müller"]: folded, but with the accents that say how to spell without them."""
    if name.isascii():
        return NO_WORD.sub(" ", name.replace("'", "").replace("`", "").lower()).split()
    text = unicodedata.normalize("NFKC", name.translate(APOSTROPHES)).translate(APOSTROPHES).casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    found = unicodedata.normalize("NFC", "".join(map(_letter, decomposed))).split()
    return [word for word in found if plain(word)]


def plain(word: str) -> str:
    """ "müller" -> "muller": without the accents."""
    if word.isascii():
        return word
    kept = "".join(c for c in unicodedata.normalize("NFKD", word) if not _is_accent(c))
    return unicodedata.normalize("NFC", kept).translate(NO_MARK_TO_DROP).translate(TO_SIMPLIFIED)


def other_accents(a: str, b: str) -> bool:
    """Whether both words are written with accents, and with others: Hóa is not Hòa, but either may be typed Hoa."""
    marks = [sorted(filter(_is_accent, unicodedata.normalize("NFKD", word))) for word in (a, b)]
    return all(marks) and marks[0] != marks[1]


def _letter(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or character in EMOJI_STYLE:
        return ""
    return character if category[0] in "LMN" else " "


def _is_accent(character: str) -> bool:
    mark = unicodedata.combining(character)
    return mark >= 200 or 10 <= mark <= 36  # also Hebrew and Arabic points; not Thai vowels, nor what makes か into が
