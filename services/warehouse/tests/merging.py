"""Merges as the customer service tells of them."""

from common.envelope import Event
from common.ids import new_id
from common.testing.events import event


class Merge:
    """A merge of customers into one; `tell` makes its next event."""

    def __init__(self, survivor: str, *losers: str) -> None:
        self.id, self.survivor, self.losers = new_id(), survivor, losers
        self._version = 0

    def tell(self, verb: str) -> Event:
        """`merged`, or `unmerged` where it is undone."""
        self._version += 1
        data = {
            "id": self.id,
            "survivor": _named(self.survivor),
            "losers": [_named(one) for one in self.losers],
            "id_map": dict.fromkeys(self.losers, self.survivor),
            "archive_ids": {},
            "login_of": None,
            "counts": {},
            "changes": [],
        }
        told = f"customer.customer.{verb}.v1"
        return event(told, self.id, data, version=self._version, customer_id=self.survivor)


def _named(customer_id: str) -> dict[str, str]:
    return {"id": customer_id, "number": f"K{customer_id[-6:]}", "name": "Alderwick"}
