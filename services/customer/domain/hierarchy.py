"""Head offices and branches: a tree without rings, at most eight levels deep."""

from collections.abc import Sequence
from typing import Final

from customer.errors import HierarchyCycle, HierarchyTooDeep, ParentUnsuitable

MAX_DEPTH: Final = 8


def check_parent(kind: str, status: str, number: str) -> None:
    """Raises ParentUnsuitable unless the customer can have branches."""
    if kind != "business":
        raise ParentUnsuitable(f"Customer {number} is a person; only a business can have branches.")
    if status != "active":
        raise ParentUnsuitable(f"Customer {number} is archived; restore it first, or choose another head office.")


def check_place(customer_id: str | None, above: Sequence[str], height: int = 1) -> None:
    """Checks a place in the tree. `above` are the ids from the new parent up to the root, `height` the levels of the
    customer's own subtree, itself included. Raises HierarchyCycle (with the path) or HierarchyTooDeep."""
    if customer_id is not None and customer_id in above:
        path = [customer_id, *above[: above.index(customer_id) + 1]]
        raise HierarchyCycle(
            "The new head office is below this customer (or is the customer itself); move it out first.",
            facts={"path": path},
        )
    if len(above) + height > MAX_DEPTH:
        raise HierarchyTooDeep(
            f"The tree would have {len(above) + height} levels; {MAX_DEPTH} are allowed.",
            facts={"levels": len(above) + height, "allowed": MAX_DEPTH},
        )
