"""The settings that groups and customers can carry: which value counts for a customer, and whose it is.

A setting that a customer or group has decided is present, and then every value counts, also 0, false and "". What is
not present is inherited: own, else own group, else (only where a setting goes down the tree) the nearest head office,
its group, and so on up, else the default.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from common.errors import FieldError
from customer.domain.limits import LENGTHS
from customer.errors.settings import SettingInvalid

Source = Literal["own", "group", "ancestor", "ancestor_group", "default"]
Own = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: what it is called, what values it takes, and what counts where nobody has decided."""

    key: str
    label: str
    type: Literal["boolean", "integer", "choice", "text"]
    default_value: Any
    service: str = "customer"
    choices: Sequence[Mapping[str, str]] = ()
    minimum: int | None = None
    maximum: int | None = None
    tree_inheritable: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One who may decide, nearest first: `own` is all that it has decided."""

    source: Source
    source_id: str
    own: Own


@dataclass(frozen=True, slots=True)
class Resolved:
    """What counts, and who decided it; `source_id` is None for the default."""

    key: str
    value: Any
    source: Source
    source_id: str | None


def _choices(**labels: str) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in labels.items()]


OWN_SETTINGS: Final = (
    Setting(
        key="delivery_preference",
        label="Delivery of documents",
        type="choice",
        choices=_choices(email="E-mail", portal="Portal only", post="Post", e_invoice="E-invoice"),
        default_value="email",
    ),
    Setting(key="reminders", label="Payment reminders", type="boolean", default_value=True),
    Setting(
        key="payment_method",
        label="Payment method",
        type="choice",
        choices=_choices(transfer="Bank transfer", direct_debit="Direct debit", card="Card", prepayment="Prepayment"),
        default_value="transfer",
    ),
    Setting(
        key="payment_terms_days",
        label="Payment terms, days",
        type="integer",
        minimum=0,
        maximum=365,
        default_value=30,
    ),
    Setting(key="price_list", label="Price list", type="text", default_value="", tree_inheritable=True),
    Setting(
        key="automatic_settlement",
        label="Automatic settlement",
        type="choice",
        choices=_choices(
            off="Off", open_items="Open items", period_settlement="Settlement per period", move_out="On moving out"
        ),
        default_value="off",
    ),
)


def resolve(setting: Setting, walk: Sequence[Step]) -> Resolved:
    """What counts along a walk, see `walk_of`."""
    for step in walk:
        above = step.source in {"ancestor", "ancestor_group"}
        if setting.key in step.own and (setting.tree_inheritable or not above):
            return Resolved(setting.key, step.own[setting.key], step.source, step.source_id)
    return Resolved(setting.key, setting.default_value, "default", None)


def walk_of(nodes: Iterable[tuple[str, str | None]], decided: Mapping[str, Own]) -> list[Step]:
    """Who may decide for a customer: `nodes` are the customer and its head offices from below, each with its group;
    `decided` what customers and groups have decided, by id."""
    walk: list[Step] = []
    for level, (customer_id, group_id) in enumerate(nodes):
        if customer_id in decided:
            walk.append(Step("ancestor" if level else "own", customer_id, decided[customer_id]))
        if group_id is not None and group_id in decided:
            walk.append(Step("ancestor_group" if level else "group", group_id, decided[group_id]))
    return walk


def changed(
    settings: Mapping[str, Setting], own: Own, values: Mapping[str, Any], inherit: Sequence[str]
) -> dict[str, Any]:
    """What a scope has decided after an edit: `values` are present then, `inherit` no longer. Raises SettingInvalid."""
    wrong = [
        FieldError(f"/inherit/{place}", "No such setting, or set in the same change.")
        for place, key in enumerate(inherit)
        if key not in settings or key in values
    ]
    for key, value in values.items():
        problem = "There is no such setting." if key not in settings else _problem(settings[key], value)
        if problem:
            wrong.append(FieldError(f"/values/{key.replace('~', '~0').replace('/', '~1')[:80]}", problem))
    if wrong:
        raise SettingInvalid("Some of the settings cannot be like this; nothing was changed.", errors=wrong)
    return {key: value for key, value in {**own, **values}.items() if key not in inherit}


def differences(settings: Mapping[str, Setting], before: Own, after: Own) -> list[dict[str, Any]]:
    """One change per setting that was decided otherwise; null on a side says that it was inherited there, which the
    labels tell apart from a decided value."""
    return [
        {
            "path": f"settings.{key}",
            "label": settings[key].label if key in settings else key,
            "before": before.get(key),
            "after": after.get(key),
            "before_label": _shown(settings.get(key), before, key),
            "after_label": _shown(settings.get(key), after, key),
        }
        for key in sorted({*before, *after})
        if (key in before) != (key in after) or before.get(key) != after.get(key)
    ]


def _shown(setting: Setting | None, own: Own, key: str) -> str:
    if key not in own:
        return "Inherited"
    value = own[key]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    labels = {choice["value"]: choice["label"] for choice in setting.choices} if setting else {}
    return labels.get(value, str(value)) if isinstance(value, str) else str(value)


def _problem(setting: Setting, value: Any) -> str:
    if setting.type == "boolean":
        return "" if isinstance(value, bool) else "Give true or false."
    if setting.type == "integer":
        return _integer_problem(setting, value)
    if setting.type == "choice":
        known = [choice["value"] for choice in setting.choices]
        return "" if value in known else f"Choose one of {', '.join(known)}."
    if not isinstance(value, str):
        return "Give a text."
    most = LENGTHS["setting_text"]
    if len(value) > most or any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in value):
        return f"Give at most {most} characters that can be stored."
    return ""


def _integer_problem(setting: Setting, value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return "Give a whole number."
    low, high = setting.minimum, setting.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return f"Give a number from {'any' if low is None else low} to {'any' if high is None else high}."
    return ""
