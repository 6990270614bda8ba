"""The shapes of price lists and prices."""

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text, one_of
from ordering.domain.listings import LENGTHS as LISTING_LENGTHS
from ordering.domain.price_lists import LENGTHS, MAX_PRICES
from ordering.domain.pricing import LIST_KINDS
from ordering.schemas.money import Money, currency, quantity

_PRIORITY = {"description": "among lists of one kind the higher one counts"}


class PriceListChanges(Schema):
    """Fields of a list to change; code, kind, target and currency are fixed."""

    name = Text(max=LENGTHS["name"])
    priority = fields.Integer(strict=True, validate=validate.Range(-1_000, 1_000), metadata=_PRIORITY)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True, metadata={"description": "its last day"})


class NewPriceList(PriceListChanges):
    """A list: the standard one of everybody, or of a group, a customer, or a contract with a customer. A contract's
    price beats the customer's, that the group's, that the standard."""

    code = Text(max=LENGTHS["code"], required=True)
    name = Text(max=LENGTHS["name"], required=True)
    kind = one_of(*LIST_KINDS, required=True)
    target_id = Id(metadata={"description": "the customer, or the group; not of a standard list"})
    currency = currency(required=True)


class PriceListFilter(Schema):
    """Which lists to show."""

    kind = one_of(*LIST_KINDS)
    target_id = Id()
    currency = currency()


class PriceListOut(Schema):
    """A price list."""

    id = Id()
    code = fields.String()
    name = fields.String()
    kind = one_of(*LIST_KINDS)
    target_id = Id(allow_none=True)
    currency = fields.String()
    priority = fields.Integer()
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class PriceFilter(Schema):
    """Which prices of a list to show."""

    listing_id = Id()


class NewPrice(Schema):
    """What one unit costs from a quantity on, in the list's currency; without an amount that price is removed."""

    listing_id = Id()
    sku = Text(max=LISTING_LENGTHS["sku"], metadata={"description": "instead of `listing_id`"})
    min_quantity = quantity(load_default=1)
    amount = fields.String(
        required=True,
        allow_none=True,
        validate=validate.Regexp(r"^\d{1,15}(\.\d{1,4})?$", error="Write an amount as 12.30."),
        metadata={"example": "12.30"},
    )
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True, metadata={"description": "its last day"})


class NewPrices(Schema):
    """Prices to set in a list; others stay as they are. A price is replaced where listing, quantity and first day are
    the same."""

    prices = fields.List(fields.Nested(NewPrice), required=True, validate=validate.Length(1, MAX_PRICES))


class PricesSet(Schema):
    """How many prices differ from before."""

    changed = fields.Integer(required=True)


class PriceOut(Schema):
    """A price in a list."""

    listing_id = Id()
    sku = fields.String()
    name = fields.String()
    min_quantity = fields.Integer()
    price = fields.Nested(Money)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
