"""What a customer decides itself about what it sells, and what stays the provider's."""

from collections.abc import Mapping
from typing import Any, Final

from common.errors import FieldError
from ordering.domain.listings import LENGTHS
from ordering.errors.listings import ListingUnsuitable
from ordering.errors.selling import ProviderDecides

# To whom a seller offers by itself; to everybody only the provider does.
AUDIENCES: Final = ("tree", "explicit")
TARGET_KINDS: Final = ("customer", "group")

_SKU_MARK: Final = "/"


def check_fields(body: Mapping[str, Any]) -> None:
    """Raises ProviderDecides where a seller names what the provider decides: a category, which rules of catalogues and
    contracts name, and the marketplace as audience."""
    if body.get("category") is not None:
        raise ProviderDecides(
            "Categories are the provider's, because catalogues are made of them; leave it out.",
            errors=[FieldError("/category", "Is the provider's to decide.")],
        )
    if body.get("audience", AUDIENCES[0]) not in AUDIENCES:
        raise ProviderDecides(
            "Only the provider offers something to everybody; choose tree or explicit, and ask your contact there.",
            errors=[FieldError("/audience", "Is the provider's to decide.")],
        )


def sku_of(number: str, sku: str) -> str:
    """The SKU of what a customer sells. It begins with the customer's number, so that nobody names an article of the
    provider or of another seller. Raises ListingUnsuitable where it is too long then."""
    begin = f"{number}{_SKU_MARK}"
    full = sku if sku.startswith(begin) else f"{begin}{sku}"
    if len(full) > LENGTHS["sku"]:
        raise ListingUnsuitable(
            f"The SKU becomes {full}, which is longer than {LENGTHS['sku']}; choose a shorter one.",
            errors=[FieldError("/sku", "Is too long with the number of who sells it.")],
        )
    return full
