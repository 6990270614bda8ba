"""Amounts of money: text outside, whole minor units of the currency inside."""

from decimal import Decimal
from typing import Final

from common.errors import FieldError, Refusal

# Source: ISO 4217, minor units; every other currency has two decimals.
_NONE = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"),
    *("XAF", "XOF", "XPF"),
)
_DECIMALS: Final = {
    **dict.fromkeys(_NONE, 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_MOST: Final = 2**63 - 1


def to_minor(amount: str, currency: str, pointer: str, refusal: type[Refusal]) -> int:
    """An amount, as `12.30`, in the currency's smallest unit. Raises `refusal` where it has more decimals than the
    currency, or is too large to keep; `pointer` names the money object."""
    decimals = decimals_of(currency)
    scaled = Decimal(amount).scaleb(decimals)
    if scaled != scaled.to_integral_value():
        raise refusal(
            f"{currency} has {decimals} decimals; {amount} has more.",
            errors=[FieldError(f"{pointer}/amount", f"Has more than {decimals} decimals.")],
        )
    if scaled > _MOST:
        raise refusal("The amount is too large.", errors=[FieldError(f"{pointer}/amount", "Is too large.")])
    return int(scaled)


def to_text(minor: int, currency: str) -> str:
    """The amount with as many decimals as the currency has."""
    return f"{Decimal(minor).scaleb(-decimals_of(currency)):f}"


def to_money(minor: int | None, currency: str | None) -> dict[str, str] | None:
    """The amount as everybody sees it: `{"amount": "12.30", "currency": "EUR"}`; None where there is none."""
    if minor is None or currency is None:
        return None
    return {"amount": to_text(minor, currency), "currency": currency}


def decimals_of(currency: str) -> int:
    """How many decimals amounts in this currency have."""
    return _DECIMALS.get(currency, 2)
