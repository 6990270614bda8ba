"""The shapes of settings that groups and customers carry."""

from marshmallow import fields, validate

from common.schemas import Flag, Id, Schema

_VALUE = {"description": "of the setting's type; every value counts, also 0, false and an empty text"}


class SettingChoice(Schema):
    """One value of a setting that is chosen from a list."""

    value = fields.String()
    label = fields.String()


class SettingOut(Schema):
    """A setting that groups and customers can carry."""

    key = fields.String()
    label = fields.String()
    service = fields.String(metadata={"description": "who registered it, and obeys it"})
    type = fields.String()
    choices = fields.List(fields.Nested(SettingChoice))
    minimum = fields.Integer(allow_none=True)
    maximum = fields.Integer(allow_none=True)
    default_value = fields.Raw(metadata=_VALUE)
    tree_inheritable = fields.Boolean(metadata={"description": "branches have it from their head office"})


class SettingsOut(Schema):
    """All registered settings."""

    items = fields.List(fields.Nested(SettingOut))


class EffectiveSetting(SettingOut):
    """A setting with the value that counts, and whose decision it is."""

    value = fields.Raw(metadata=_VALUE)
    source = fields.String(
        metadata={"description": "`own`, `group`, `ancestor`, `ancestor_group` or `default`", "example": "group"}
    )
    source_id = Id(allow_none=True)


class EffectiveSettings(Schema):
    """What counts for a group or customer; `version` is that of its own decisions."""

    settings = fields.List(fields.Nested(EffectiveSetting))
    portal_settings = fields.String(metadata={"description": "where the nine portal switches are"})
    version = fields.Integer()


class SettingsChanges(Schema):
    """What is decided from now on, and what is inherited again."""

    values = fields.Dict(
        keys=fields.String(), values=fields.Raw(allow_none=True), metadata={"example": {"reminders": False}}
    )
    inherit = fields.List(fields.String(), validate=validate.Length(max=100))


class GroupChoice(Schema):
    """The group to try; null for none."""

    group_id = Id(required=True, allow_none=True)


class SideOut(Schema):
    """A value and whose decision it is."""

    value = fields.Raw(metadata=_VALUE)
    source = fields.String()
    source_id = Id(allow_none=True)


class SettingChange(Schema):
    """A setting whose value would be another one."""

    key = fields.String()
    label = fields.String()
    before = fields.Nested(SideOut)
    after = fields.Nested(SideOut)


class GroupPreview(Schema):
    """What a change of group would change."""

    group_id = Id(allow_none=True)
    changes = fields.List(fields.Nested(SettingChange))
    portal_settings = fields.String(metadata={"description": "where the nine portal switches are"})


class AffectedSetting(Schema):
    """A setting, and for how many customers it would change."""

    key = fields.String()
    label = fields.String()
    customers = fields.Integer()


class MoveTo(Schema):
    """Where the members of a deleted group go."""

    move_to = Id(metadata={"description": "another group; without it a group with members is not deleted"})


class DryRun(Schema):
    """Whether to tell only what would change."""

    dry_run = Flag(load_default=False)
