"""What a person writes into a cell of a spreadsheet, as a value of a field."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from customer.domain.fields.values import Field, Wrong

_YES: Final = frozenset({"true", "yes", "y", "1", "x", "ja", "oui", "si"})
_NO: Final = frozenset({"false", "no", "n", "0", "nein", "non"})
_MONEY: Final = re.compile(r"(?:(?P<before>[A-Za-z]{3})\s*)?(?P<amount>[+-]?[0-9.]+)(?:\s*(?P<after>[A-Za-z]{3}))?")


def value_of(field: Field, cell: str) -> Any:
    """The value that `values.read` takes, from a cell that is not empty; raises Wrong. Options are found by their ids
    and their labels, several are parted by semicolons; money is an amount with its currency, as in 12.30 EUR."""
    read = _READ.get(field["type"])
    return read(field, cell.strip()) if read else cell


def _boolean(_field: Field, cell: str) -> bool:
    word = cell.casefold()
    if word not in _YES | _NO:
        raise Wrong("Must be yes or no.")
    return word in _YES


def _option(field: Field, cell: str) -> str:
    for option in field["options"]:
        if cell in (option["id"], option["label"]):
            return str(option["id"])
    for option in field["options"]:
        if cell.casefold() in (option["id"].casefold(), option["label"].casefold()):
            return str(option["id"])
    return cell


def _options(field: Field, cell: str) -> list[str]:
    return [_option(field, part.strip()) for part in cell.split(";") if part.strip()]


def _money(_field: Field, cell: str) -> dict[str, str]:
    found = _MONEY.fullmatch(cell)
    if not found or bool(found["before"]) == bool(found["after"]):
        raise Wrong("Must be an amount with its currency, as in 12.30 EUR.")
    return {"amount": found["amount"], "currency": found["before"] or found["after"]}


_READ: Final[Mapping[str, Callable[[Field, str], Any]]] = {
    "boolean": _boolean,
    "select": _option,
    "multi_select": _options,
    "money": _money,
}
