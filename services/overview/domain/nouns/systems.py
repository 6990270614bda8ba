"""Installed systems and their types, custom fields, and who looked at a stored secret. No company sees any of it."""

from collections.abc import Iterable

from overview.domain.nouns.noun import Data, Noun

_DEFINED = ("created", "updated", "archived", "restored")


def _found_by(data: Data) -> Iterable[tuple[str, str]]:
    """The name, the type and what is written in the fields, such as an IP address. Secrets are in no event."""
    texts = [data["name"], data["type_name"], *(value for value in data["values"].values() if isinstance(value, str))]
    return [("system", text) for text in dict.fromkeys(texts)]


def _type(data: Data) -> list[str]:
    """Customers are found by what is installed there, not by what was."""
    return [f"system_type:{data['type_id']}"] if data["status"] == "active" else []


def _revealed(data: Data) -> str:
    return f"{data['name']}: {data['label']}"


def _reason(data: Data) -> str | None:
    reason: str | None = data.get("reason")
    return reason


SYSTEM = Noun(
    entity="customer.system",
    section="systems",
    fields=("id", "type_id", "type_name", "name", "property_id", "status", "values", "secrets"),
    needs="systems.view",
    found_by=_found_by,
    marks=_type,
)
# An archived type goes on to name the systems that are there.
SYSTEM_TYPE = Noun(
    entity="customer.system_type", verbs=_DEFINED, ends=frozenset(), fields=("id", "name", "archived_at")
)
CUSTOM_FIELD = Noun(
    entity="customer.custom_field",
    verbs=_DEFINED,
    ends=frozenset(),
    fields=("id", "applies_to", "key", "label", "type", "facet", "options", "archived_at"),
    label=lambda data: str(data["label"]),
)
SECRET = Noun(
    entity="customer.secret", verbs=("revealed",), kept=False, needs="secrets.reveal", label=_revealed, said=_reason
)

NOUNS = (SYSTEM, SYSTEM_TYPE, CUSTOM_FIELD, SECRET)
