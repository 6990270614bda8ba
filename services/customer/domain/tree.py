"""The part of the customers' tree that an import touches, in memory, so that many moves need no queries."""

from collections import defaultdict
from collections.abc import Iterable

from customer.domain.hierarchy import check_place


class Tree:
    """Knows of each loaded customer who is above it and who is below it."""

    def __init__(self, edges: Iterable[tuple[str, str | None]] = ()) -> None:
        """Takes pairs of a customer and its parent."""
        self._parent: dict[str, str | None] = {}
        self._children: dict[str, set[str]] = defaultdict(set)
        for customer_id, parent_id in edges:
            self._put(customer_id, parent_id)

    def move(self, customer_id: str, parent_id: str) -> None:
        """Puts a customer, new or known, below a parent; raises HierarchyCycle or HierarchyTooDeep."""
        check_place(customer_id, self._above(parent_id), self._height(customer_id))
        self._put(customer_id, parent_id)

    def path(self, customer_id: str) -> list[str]:
        """The ids from the root down to a loaded customer."""
        return self._above(customer_id)[::-1]

    def _put(self, customer_id: str, parent_id: str | None) -> None:
        old = self._parent.get(customer_id)
        if old is not None:
            self._children[old].discard(customer_id)
        self._parent[customer_id] = parent_id
        if parent_id is not None:
            self._children[parent_id].add(customer_id)

    def _above(self, customer_id: str) -> list[str]:
        path: list[str] = []
        here: str | None = customer_id
        while here is not None:
            path.append(here)
            here = self._parent.get(here)
        return path

    def _height(self, customer_id: str) -> int:
        level, height = {customer_id}, 0
        while level:
            height += 1
            level = {child for parent in level for child in self._children.get(parent, ())}
        return height
