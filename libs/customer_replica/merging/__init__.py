"""What becomes of a service's rows when customers become one, and when that is undone.

A service says in `Part`s which rows follow a customer, creates the tables in a migration (`create_customer_merges`),
and takes `merge_handlers` into its own. Moves are set-based, and each is written down, so that an undo takes exactly
the same rows back. `customer_now`, in SQL too, tells who a customer is now, for what arrives later with its former id.
"""

from customer_replica.merging.erasing import erase_person
from customer_replica.merging.handlers import follow_late_rows, give, merge_handlers, note_late
from customer_replica.merging.jobs import EVERY_SECONDS, LateRows
from customer_replica.merging.migration import create_customer_merges
from customer_replica.merging.parts import Below, Moved, Part, columns_of, customer_change
from customer_replica.merging.present import customer_now

__all__ = [
    "EVERY_SECONDS",
    "Below",
    "LateRows",
    "Moved",
    "Part",
    "columns_of",
    "create_customer_merges",
    "customer_change",
    "customer_now",
    "erase_person",
    "follow_late_rows",
    "give",
    "merge_handlers",
    "note_late",
]
