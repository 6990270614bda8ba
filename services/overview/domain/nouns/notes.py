"""Notes and follow-ups: what people wrote down about a customer."""

from overview.domain.nouns.noun import Data, Noun, newest

_SHARED = ("id", "scope_type", "scope_id", "kind", "body", "author_label", "created_at", "updated_at")


def _urgent_first(data: Data) -> str:
    return ("0" if data["urgent"] else "1") + newest("created_at")(data)


def _first_words(data: Data) -> str:
    line: str = data["body"].strip().splitlines()[0]
    return line if len(line) <= 80 else f"{line[:79]}…"


def _is_restricted(data: Data) -> bool:
    return bool(data["visibility"] == "restricted")


def _is_shared(data: Data) -> bool:
    return bool(data["visibility"] == "portal")


def _words(data: Data) -> str:
    return str(data["body"])


NOTE = Noun(
    entity="customer.note",
    section="notes",
    fields=(
        *_SHARED,
        *("visibility", "urgent", "urgent_reason", "urgent_owner_label", "urgent_until"),
        *("due_on", "owner_id", "owner_label", "done_at", "author"),
    ),
    order=_urgent_first,
    restricted=_is_restricted,
    portal=_is_shared,
    portal_fields=_SHARED,
    label=_first_words,
    said=_words,
)
