"""First data, a file per noun. Seeding again adds nothing."""

from common.context import context_for
from common.db import Database
from customer.domain.numbers import Numbering
from customer.seed.customers import seed_customers
from customer.seed.places import seed_places
from customer.seed.rules import seed_rules


def seed(database: Database, numbering: Numbering) -> None:
    """Adds what is not there yet."""
    context = context_for("system:seed", "First data")
    seed_customers(database, numbering, context)
    seed_places(database, context)
    seed_rules(database, context)


__all__ = ["seed"]
