"""Why something is not done with a company's assets, and why nobody gets one."""

from common.errors import Conflict, FieldError, Forbidden, Invalid, NotFound

_DISABLED = "warehouse.internal_inventory_disabled"


class InventoryDisabled(Forbidden):
    """The customer has no internal inventory; what it had is kept, and staff read it."""

    code = _DISABLED
    title = "Internal inventory is switched off"


class InventoryHidden(NotFound):
    """For the customer's own people there is no internal inventory while it is switched off."""

    code = _DISABLED
    title = "Internal inventory is switched off"


class AssetNotFound(NotFound):
    """There is no such asset, or the caller may not know of it."""

    code = "warehouse.asset_not_found"
    title = "No such asset"


class AssetState(Conflict):
    """The asset is in a status that does not allow it."""

    code = "warehouse.asset_state"
    title = "Not in this state"


class TagTaken(Conflict):
    """Another asset of the customer has this tag."""

    code = "warehouse.asset_tag_taken"
    title = "The tag is taken"


class SerialTaken(Conflict):
    """Another asset of the customer that is not retired has this serial number."""

    code = "warehouse.asset_serial_taken"
    title = "The serial number is taken"


class AssetPromised(Conflict):
    """The asset is promised to a request of somebody else."""

    code = "warehouse.asset_promised"
    title = "Promised to somebody else"


class NobodyNamed(Invalid):
    """A check-out says to whom or where."""

    code = "warehouse.asset_goes_nowhere"
    title = "Say to whom or where"


class AssetCustomerArchived(Conflict):
    """An archived customer gets nothing new."""

    code = "warehouse.customer_archived"
    title = "The customer is archived"


class RequestNotFound(NotFound):
    """There is no such request, or the caller may not know of it."""

    code = "warehouse.asset_request_not_found"
    title = "No such request"


class RequestState(Conflict):
    """The request is past that step, or not there yet."""

    code = "warehouse.asset_request_state"
    title = "Not in this state"


class NotTheRequester(Forbidden):
    """A request is cancelled by who made it, or by who decides about assets."""

    code = "warehouse.asset_request_not_yours"
    title = "Somebody else's request"


class NothingAsked(Invalid):
    """A request names an asset, an article or a model."""

    code = "warehouse.asset_request_empty"
    title = "Say what is wanted"


class AssetUnknown(Invalid):
    """The asset that is named does not exist for this customer."""

    code = "warehouse.asset_unknown"
    title = "No such asset"

    @classmethod
    def at(cls, pointer: str) -> "AssetUnknown":
        """This refusal, of the field at `pointer`."""
        detail = "The customer has no such asset; look it up in GET /api/assets."
        return cls(detail, errors=[FieldError(pointer, "Is unknown.")])


class NoAssetFree(Conflict):
    """Nothing of what was asked for lies ready."""

    code = "warehouse.no_asset_free"
    title = "None lies ready"


class AssetDoesNotFit(Conflict):
    """The asset is not what was asked for."""

    code = "warehouse.asset_does_not_fit"
    title = "Not what was asked for"
