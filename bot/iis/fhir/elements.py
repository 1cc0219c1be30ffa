"""What stands in a FHIR resource, whatever a server wrote there."""

from collections.abc import Mapping
from typing import Any

from bot.iis.cleaning import one_line
from bot.iis.validity import is_over

Resource = Mapping[str, Any]


def objects(value: object) -> list[Resource]:
    """Those in a list, if it is one: a server may write anything anywhere."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def one_object(value: object) -> Resource:
    return value if isinstance(value, dict) else {}


def texts(value: object) -> list[str]:
    return [text for item in value if (text := one_line(item))] if isinstance(value, list) else []


def is_old(element: Resource) -> bool:
    """A phone or a name that is hers no more: by its use, or by its period."""
    return element.get("use") == "old" or is_over(one_line(one_object(element.get("period")).get("end")))
