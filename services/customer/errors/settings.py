"""Why settings of groups and customers are refused."""

from common.errors import Conflict, Invalid


class SettingInvalid(Invalid):
    """A setting that nobody registered, or a value that it cannot have."""

    code = "customer.setting_invalid"
    title = "The setting cannot be like this"


class GroupTooLarge(Conflict):
    """A group has more members than one request may move."""

    code = "customer.group_too_large"
    title = "The group has too many members to move at once"
