"""How staff class customers: tags, segments with their members, saved filters, settings. No company sees any of it."""

from overview.domain.folding import fold
from overview.domain.nouns.noun import Data, Noun


def _segment_name(data: Data) -> str:
    return str(data["segment_name"])


def _settings(_data: Data) -> str:
    return "Settings"


def _payment_method(data: Data) -> list[str]:
    method = data["values"].get("payment_method")
    return [f"payment_method:{method}"] if method else []


# Customers carry the ids; names are read from here when they are shown. Who carries a merged tag is moved one by one.
TAG = Noun(
    entity="customer.tag",
    verbs=("created", "updated", "merged", "deleted"),
    ends=frozenset(("merged", "deleted")),
    fields=("id", "name", "colour", "archived"),
    found_by=lambda data: [("tag", data["name"])],
)
SEGMENT = Noun(
    entity="customer.segment",
    verbs=("created", "updated", "deleted"),
    fields=("id", "name", "active"),
)
SEGMENT_MEMBER = Noun(
    entity="customer.segment_member",
    verbs=("entered", "left"),
    ends=frozenset(("left",)),
    section="segments",
    fields=("segment_id", "segment_name", "entered_at", "source"),
    order=lambda data: fold(data["segment_name"]),
    label=_segment_name,
    marks=lambda data: [f"segment:{data['segment_id']}"],
)
CUSTOMER_SETTINGS = Noun(
    entity="customer.customer_settings",
    verbs=("changed",),
    section="settings",
    fields=("values",),
    label=_settings,
    marks=_payment_method,
)
GROUP_SETTINGS = Noun(entity="customer.group_settings", verbs=("changed",), kept=False, label=_settings)
SETTING = Noun(entity="customer.setting", verbs=("registered",), kept=False, label=lambda data: str(data["label"]))
SAVED_FILTER = Noun(entity="customer.saved_filter", verbs=("created", "updated", "deleted"), kept=False)

NOUNS = (TAG, SEGMENT, SEGMENT_MEMBER, CUSTOMER_SETTINGS, GROUP_SETTINGS, SETTING, SAVED_FILTER)
