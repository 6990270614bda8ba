"""Who the customers are and what their portal may do, as every service keeps it that enforces the nine switches.

A service creates the tables in its first migration (`create_customer_replica`), takes `HANDLERS` into its own, and asks
`effective_switches` when it decides. The walk of scopes is found by one statement and resolved by `portal_switches`.
"""

from customer_replica.handlers import HANDLERS, erase_customer
from customer_replica.migration import create_customer_replica, create_walks_of_others
from customer_replica.switches import customer_line, effective_switches, resolved_walks
from customer_replica.tables import replica_customers, replica_scopes

__all__ = [
    "HANDLERS",
    "create_customer_replica",
    "create_walks_of_others",
    "customer_line",
    "effective_switches",
    "erase_customer",
    "replica_customers",
    "replica_scopes",
    "resolved_walks",
]
