"""What companies have, and who asked for it."""

from collections.abc import Iterable

from overview.domain.folding import fold
from overview.domain.nouns.noun import Data, Noun, always

_VIEW = "assets.view"
_SWITCH = "internal_inventory_enabled"
_OVER = frozenset(("retired", "lost"))


def _label(data: Data) -> str:
    return f"{data['name']} {data['tag']}"


def _in_use_first(data: Data) -> str:
    return f"{data['status'] in _OVER:d} {fold(data['name'])} {data['tag']}"


def _words(data: Data) -> Iterable[tuple[str, str]]:
    yield "asset", data["tag"]
    if data["serial"]:
        yield "asset", data["serial"]


def _reason(data: Data) -> str | None:
    return data.get("reason")


def _reason_or_note(data: Data) -> str | None:
    """Why it was decided so; before that, what who asked wrote."""
    return data["reason"] or (data["note"] if data["status"] == "requested" else None)


ASSET = Noun(
    entity="warehouse.asset",
    verbs=("created", "updated", "checked_out", "checked_in", "status_changed"),
    ends=frozenset(),
    section="assets",
    fields=(
        *("id", "tag", "serial", "name", "model", "sku", "status", "custodian", "property_id", "location"),
        *("warehouse_id", "warranty_until", "purchased_on", "origin", "note", "reason", "created_at", "retired_at"),
    ),
    order=_in_use_first,
    most=50,
    needs=_VIEW,
    portal=always,
    switch=_SWITCH,
    label=_label,
    said=_reason,
    found_by=_words,
)
ASSET_REQUEST = Noun(
    entity="warehouse.asset_request",
    verbs=("requested", "approved", "denied", "cancelled", "held", "resumed", "fulfilled"),
    kept=False,
    needs=_VIEW,
    portal=always,
    label=lambda data: str(data["number"]),
    said=_reason_or_note,
)

NOUNS = (ASSET, ASSET_REQUEST)
