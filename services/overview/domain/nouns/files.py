"""Files of a customer, the documents among them that end, and exports of everything."""

from overview.domain.nouns.noun import Data, Noun, newest

_SHARED = ("id", "scope_type", "scope_id", "category", "name", "description", "revision", "media_type", "bytes",
           "uploaded_at", "expires_on")  # fmt: skip
_PAPERS = frozenset(("contract", "nda", "onboarding", "certificate"))


def _is_restricted(data: Data) -> bool:
    return bool(data["audience"] == "restricted")


def _is_paper(data: Data) -> bool:
    return data["category"] in _PAPERS


def _is_shared(data: Data) -> bool:
    # Which roles somebody has is not known here: what is for some of them only, the list of files shows.
    return bool(data["audience"] == "portal")


def _by_name(data: Data) -> tuple[tuple[str, str], ...]:
    return (("file", data["name"]),)


def _reason(data: Data) -> str:
    return str(data["reason"])


def _days(data: Data) -> str:
    return f"{data['name']}: {data['days_left']} days left"


FILE = Noun(
    entity="customer.file",
    verbs=("added", "updated", "removed", "restored", "purged"),
    ends=frozenset(("removed", "purged")),
    section="files",
    fields=(*_SHARED, "audience", "portal_roles", "document_type", "signature", "uploaded_label"),
    order=newest("uploaded_at"),
    restricted=_is_restricted,
    needed_for=(("documents.view", _is_paper),),
    portal=_is_shared,
    portal_fields=_SHARED,
    found_by=_by_name,
)

EXPIRING = Noun(
    entity="customer.document",
    verbs=("expiring",),
    ends=frozenset(),
    kept=False,
    counted_as="customer.file",
    needs="documents.view",
    restricted=_is_restricted,
    label=_days,
)

EXPORT = Noun(entity="customer.export", verbs=("made",), ends=frozenset(), kept=False, label=_reason)
