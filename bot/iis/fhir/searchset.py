"""A searchset Bundle: one page of what a search found, and whether all pages together are whole. Pure."""

from dataclasses import dataclass

from bot.iis.fhir.elements import Resource, objects
from bot.iis.fhir.outcome import failure, is_failure, issue_codes
from bot.ports import IISRejected


@dataclass(frozen=True, slots=True)
class Page:
    found: list[Resource]  # without what was included
    entries: int  # with it
    total: int | None  # what the registry counts on all pages, if it says so
    following: str | None  # the URL of the next page

    def __repr__(self) -> str:
        return "Page(...)"


def read_page(bundle: Resource, asked: str) -> Page:
    """Raises IISRejected or IISUnavailable for what is no searchset, or says that it is not whole."""
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "searchset":
        raise IISRejected(f"{asked}: what came is no Bundle of the type searchset")
    listed = bundle.get("entry")
    if not isinstance(listed, list | None):
        raise IISRejected(f"{asked}: what came is a Bundle whose entries are no list")
    entries = [entry for entry in objects(listed) if isinstance(entry.get("resource"), dict)]
    found = [entry["resource"] for entry in entries if not _is_included(entry)]
    failed = [outcome for outcome in found if is_failure(outcome)]
    if failed:
        raise failure(f"{asked}: the registry says that its answer is not whole", issue_codes(failed))
    total = bundle.get("total")
    return Page(found, len(entries), total if type(total) is int else None, _following(bundle, asked))


def check_whole(last: Page, entries: int, asked: str, *, best_only: bool = False) -> None:
    """Raise IISRejected if the registry counts more than came on all pages. `best_only`: it need not send all.

    R4 lets a server leave the total out, or estimate it, and says that it counts neither what is included nor
    OperationOutcomes; some servers count those too. By the last page every server has counted, so that page's total
    is believed, and never compared too closely. A total that is too small loses nobody a dose.
    http://hl7.org/fhir/R4/search.html#total
    """
    counted = last.total or 0
    if counted > 0 and entries < (1 if best_only else counted):
        raise IISRejected(
            f"{asked}: the registry counts more than it sends; ask it what it holds back from this client"
        )


def _is_included(entry: Resource) -> bool:
    search = entry.get("search")
    return isinstance(search, dict) and search.get("mode") == "include"


def _following(bundle: Resource, asked: str) -> str | None:
    for link in objects(bundle.get("link")):
        if link.get("relation") == "next":
            if not isinstance(link.get("url"), str):
                raise IISRejected(f"{asked}: there is a next page, but no address of it")
            return str(link["url"])
    return None
