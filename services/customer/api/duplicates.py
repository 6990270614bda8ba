"""Operations on possible duplicates."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import duplicates as queries
from customer.schemas.duplicates import Dismissal, PairOut, Pairs, PairsOfCustomer
from customer.use_cases import duplicates

routes = Routes("Duplicates", "Customers that may be one, found by name and place, e-mail domain, telephone, address.")


@routes.list("/duplicates", permission="customers.merge", query=Pairs, out=PairOut)
def list_duplicates(call: Call) -> Page:
    """All pairs that wait for a decision, the likeliest first: merge them, or dismiss them as different."""
    query = call.query
    return queries.pair_page(
        call.session, query["state"], call.limit, call.cursor, call.cursor_scope, strong=query["strong"]
    )


@routes.list(
    "/customers/<uuid:customer_id>/duplicates", permission="customers.view", query=PairsOfCustomer, out=PairOut
)
def list_duplicates_of_customer(call: Call, customer_id: str) -> Page:
    """The customers that may be the same as this one. A change of a customer is looked at within seconds."""
    state = call.query["state"]
    return queries.pair_page(call.session, state, call.limit, call.cursor, call.cursor_scope, customer_id=customer_id)


@routes.post(
    "/duplicates/<uuid:pair_id>/dismissal", permission="customers.edit", body=Dismissal, out=PairOut, status=200
)
def dismiss_duplicate(call: Call, pair_id: str) -> Mapping[str, Any]:
    """Marks a pair as two different customers. It stays silent until the two share something new."""
    duplicates.dismiss_pair(call.session, pair_id, call.body["reason"])
    return queries.pair(call.session, pair_id)
