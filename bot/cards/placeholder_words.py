"""The words that registries have for "unknown". Pure."""

from typing import NamedTuple


class Words(NamedTuple):
    """Those for one kind of text."""

    empty: frozenset[str]
    beside: frozenset[str]  # say nothing beside those
    whole: frozenset[str]  # texts, see below


def _whole(told: str) -> frozenset[str]:
    """Texts that say it only as a whole: "as-text" does, "text" does not. Without what stands between their words."""
    return frozenset(told.replace("-", "").split())


# Nobody is called so. FNU and LNU, first and last name unknown, are in visas because a form asked for two names.
EMPTY = frozenset(
    "unknown unk unkn none undefined unspecified undisclosed unassigned unidentified undetermined determined "
    "unavailable noname nofirstname nolastname nomiddlename firstname lastname fnu lnu nfn nln nmn nmi tba tbc tbd "
    "missing refused declined withheld desconocido desconocida ninguno ninguna".split()
)
# Somebody is called Na, Nil, Null or Test, but no place is.
EMPTY_DETAIL = EMPTY | frozenset(
    "na nan nil null test other masked pending blank empty error invalid unsupported "
    "historical historic history hx outside external imported transcribed reported report recall verbal self patient "
    "pt per chart notes x pendiente".split()
)
BESIDE = frozenset(
    "a an the and or of on at to by from for as but be see below above attached known given available provided "
    "recorded reported documented applicable specified stated entered listed supplied obtained assigned asked "
    "administered permitted performed disclosed determined found information info data detail details record records "
    "file system entry card lot number no not name patient parent guardian mother client facility provider clinic "
    "location site place organization practice pharmacy hospital physician doctor vaccinator vaccine vaccination "
    "immunization dose disponible aplica indicado indicada informado informada consta especificado registrado datos "
    "nombre lugar proveedor".split()
)
BESIDE_IN_NAMES = BESIDE | frozenset("first last middle legal full initial family surname suffix apellido".split())
PLACE_LABELS = frozenset("provider facility clinic location place site organization practice name default".split())
NO = frozenset(("no", "not", "sin"))
DOUBTFUL = frozenset(("na", "nil", "not", "null", "test"))

BEGINNINGS = ("unknown", "未知", "不明", "不详", "不詳", "미상")
WHOLE = _whole(
    "asku nask entered-in-error se-desconoce no-se-sabe 不知道 没有 沒有 不适用 不適用 未提供 未填写 未填寫 暂无 暫無 "
    "불명 알-수-없음 없음 모름 미확인 해당-없음 không-rõ không-biết không-có chưa-rõ chưa-biết không-xác-định khong-ro "
    "غير-معروف غير-معروفة غير-متوفر غير-متاح غير-محدد لا-يوجد لا-ينطبق مجهول مجهولة "
    "hindi-alam di-alam hindi-kilala hindi-tiyak walang-pangalan walang-impormasyon"
)
# HL7 v3 NullFlavor and FHIR data-absent-reason. Only as a whole: "UNC Hospital" and "NP Clinic" are places.
CODES = _whole(
    "ni np inv navu nav unc msk oth qs trc pinf ninf der "
    "temp-unknown as-text not-a-number negative-infinity positive-infinity 无 無 wala"
)

NAMES = Words(EMPTY, BESIDE_IN_NAMES, WHOLE)
DETAILS = Words(EMPTY_DETAIL, BESIDE, WHOLE | CODES)
