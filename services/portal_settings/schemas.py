"""The HTTP shapes of the settings."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from common.ids import is_id
from common.schemas import Flag, Moment, Schema, Text
from portal_switches import INERT_REASONS, KEYS, SWITCHES

SOURCES = ("own", "group", "ancestor", "ancestor_group", "platform")
MOST_CUSTOMERS = 200


class SwitchValue(fields.Raw):
    """`on`, `off`, or `inherit`; also true, false and null. Reads `inherit` as None."""

    _READ = {"on": "on", "off": "off", "inherit": None, True: "on", False: "off"}  # noqa: RUF012  # a constant

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_none=True, **options)
        self.metadata = {"enum": ["on", "off", "inherit", True, False, None], **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        value = super()._deserialize(value, attr, data, **kwargs)
        # Only the words and booleans themselves: 1 equals True, and is no answer to "on or off".
        if not isinstance(value, str | bool) or value not in self._READ:
            raise ValidationError("Say on, off or inherit.")
        return self._READ[value]


class CustomerIds(Text):
    """Up to 200 customer ids, separated by commas."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max=MOST_CUSTOMERS * 37, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        ids = list(dict.fromkeys(part.strip().lower() for part in text.split(",")))
        if len(ids) > MOST_CUSTOMERS or not all(is_id(id_) for id_ in ids):
            raise ValidationError(f"Name up to {MOST_CUSTOMERS} customer ids, separated by commas.")
        return ids


def _described(key: str) -> dict[str, Any]:
    return {"description": f"{SWITCHES[key].label}. {SWITCHES[key].description}"}


SwitchValues = type(
    "SwitchValues", (Schema,), {key: SwitchValue(metadata=_described(key)) for key in KEYS} | {"__doc__": "Per switch."}
)
SwitchLocks = type("SwitchLocks", (Schema,), {key: Flag() for key in KEYS} | {"__doc__": "Whether each is fixed."})


class LicenceAcknowledgement(Schema):
    """The words in which the fee was shown to whoever bears it."""

    fee_note = Text(max=500, required=True)


class SettingsChange(Schema):
    """What a scope decides anew; what is left out stays."""

    settings = fields.Nested(SwitchValues, load_default=dict)
    locks = fields.Nested(SwitchLocks, load_default=dict)
    reason = Text(min=0, max=500, load_default=None)
    cascade = Flag(load_default=False, metadata={"description": "also turn off what needs a switch that goes off"})
    licence_acknowledgement = fields.Nested(
        LicenceAcknowledgement, allow_none=True, metadata={"description": "null withdraws the acknowledgement"}
    )
    dry_run = Flag(load_default=False, metadata={"description": "only tell what the change would do"})


class DryRun(Schema):
    dry_run = Flag(load_default=False, metadata={"description": "as in the body"})


class EffectiveQuery(Schema):
    customer_ids = CustomerIds(required=True)


class ScopeRefOut(Schema):
    source = fields.String(validate=validate.OneOf(SOURCES))
    source_id = fields.String(allow_none=True)
    source_name = fields.String(allow_none=True)


class SwitchEffect(Schema):
    effective = fields.String(validate=validate.OneOf(("on", "off")))
    active = fields.Boolean(metadata={"description": "on, and nothing makes it inert"})
    source = fields.String(validate=validate.OneOf(SOURCES))
    inert_reason = fields.String(allow_none=True, validate=validate.OneOf(tuple(INERT_REASONS)))


class SwitchOut(SwitchEffect):
    value = fields.String(validate=validate.OneOf(("on", "off", "inherit")))
    source_id = fields.String(allow_none=True)
    source_name = fields.String(allow_none=True)
    locked = fields.Boolean(metadata={"description": "this scope fixes it for those below"})
    locked_by = fields.Nested(ScopeRefOut, allow_none=True)
    inert_detail = fields.String(allow_none=True)
    label = fields.String()
    description = fields.String()
    when_off = fields.String()


class LicenceOut(ScopeRefOut):
    acknowledged_by = fields.String(allow_none=True)
    acknowledged_at = Moment()
    fee_note = fields.String()


class ChangeOut(Schema):
    path = fields.String()
    label = fields.String()
    before = fields.String()
    after = fields.String()
    cause = fields.String(allow_none=True, metadata={"description": "the switch that brought it along"})


class EffectiveChangeOut(Schema):
    key = fields.String()
    label = fields.String()
    before = fields.Nested(SwitchEffect)
    after = fields.Nested(SwitchEffect)


class BlockerOut(Schema):
    key = fields.String()
    label = fields.String()
    source = fields.String(validate=validate.OneOf(SOURCES))
    source_id = fields.String(allow_none=True)


class RefusalOut(Schema):
    code = fields.String()
    key = fields.String()
    detail = fields.String()
    blockers = fields.List(fields.Nested(BlockerOut))


class AffectedCustomers(Schema):
    count = fields.Integer()
    at_least = fields.Boolean(metadata={"description": "there are more customers than were counted"})
    by_switch = fields.Dict(keys=fields.String(), values=fields.Integer())


SwitchesOut = type(
    "Switches",
    (Schema,),
    {key: fields.Nested(SwitchOut, metadata=_described(key)) for key in KEYS} | {"__doc__": "The nine switches."},
)


class PortalSettings(Schema):
    """The settings of a scope."""

    scope = fields.String(validate=validate.OneOf(("platform", "group", "customer")))
    scope_id = fields.String(allow_none=True)
    version = fields.Integer()
    settings = fields.Nested(SwitchesOut)
    licence = fields.Nested(LicenceOut, allow_none=True)


class PortalSettingsChanged(PortalSettings):
    """The settings as they are after a change, or with `dry_run` as they would be."""

    dry_run = fields.Boolean()
    changes = fields.List(fields.Nested(ChangeOut))
    effective_changes = fields.List(fields.Nested(EffectiveChangeOut))
    refusals = fields.List(fields.Nested(RefusalOut), metadata={"description": "only of a dry run"})
    affected_customers = fields.Nested(AffectedCustomers, metadata={"description": "only of a dry run"})


EffectOfSwitches = type("EffectOfSwitches", (Schema,), {key: fields.Nested(SwitchEffect) for key in KEYS})


class CustomerSwitches(Schema):
    customer_id = fields.String()
    switches = fields.Nested(EffectOfSwitches)


class EffectiveSwitches(Schema):
    items = fields.List(fields.Nested(CustomerSwitches))
