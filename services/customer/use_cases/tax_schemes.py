"""Whether a number can be a tax id of its kind: form and check digit."""

from typing import Final

from stdnum import exceptions

from common.errors import FieldError
from customer.errors.taxes import TaxIdMalformed, TaxSchemeUnknown
from customer.queries.tax_schemes import schemes_of
from customer.use_cases.countries import check_code

_PLACES: Final = {
    exceptions.InvalidLength: "has the wrong number of characters",
    exceptions.InvalidFormat: "holds characters, or an order of them, that such numbers do not have",
    exceptions.InvalidChecksum: "has a wrong check digit; look for swapped or mistyped digits",
    exceptions.InvalidComponent: "has a part that does not exist",
}


def normalise(country: str, scheme: str, value: str) -> tuple[str, str, str]:
    """Country, scheme and value as they are stored and compared. Raises Unsuitable for an unknown country,
    TaxSchemeUnknown naming the schemes that there are, and TaxIdMalformed saying what is wrong."""
    country = check_code(country, "/country")
    known = {each.code: each for each in schemes_of(country)}
    if scheme.lower() not in known:
        offered = f"choose one of: {', '.join(known)}" if known else "none of this country can be checked"
        raise TaxSchemeUnknown(
            f"{country} has no tax id of the kind {scheme}; {offered}.",
            errors=[FieldError("/scheme", "Is not known for this country.")],
            facts={"known": list(known)},
        )
    chosen = known[scheme.lower()]
    try:
        return country, chosen.code, str(chosen.check.validate(value))
    except exceptions.ValidationError as error:
        what = next((text for kind, text in _PLACES.items() if isinstance(error, kind)), "is not one")
        raise TaxIdMalformed(
            f"{value} cannot be a {chosen.name}: it {what}.", errors=[FieldError("/value", f"It {what}.")]
        ) from error
