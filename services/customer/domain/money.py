"""Amounts of money as a customer's records hold them."""

from common import money
from customer.errors.deals import MoneyUnsuitable

to_text = money.to_text


def to_minor(amount: str, currency: str, pointer: str) -> int:
    """An amount, as `12.30`, in the currency's smallest unit. Raises MoneyUnsuitable where it has more decimals than
    the currency, or is too large to keep; `pointer` names the money object."""
    return money.to_minor(amount, currency, pointer, MoneyUnsuitable)
