"""First data, a file per noun. Seeding again adds nothing."""

from common.context import context_for
from common.db import Database
from common.storage.port import Storage
from common.storage.spool import Spool
from customer.domain.numbers import Numbering
from customer.seed.custom_fields import seed_custom_fields
from customer.seed.customers import seed_customers
from customer.seed.files import seed_files
from customer.seed.notes import seed_notes
from customer.seed.places import seed_places
from customer.seed.rules import seed_rules
from customer.seed.structure import seed_structure
from customer.seed.systems import seed_systems
from customer.use_cases.vault import Vault


def seed(database: Database, numbering: Numbering, vault: Vault, storage: Storage, spool: Spool) -> None:
    """Adds what is not there yet; the contents of files go to the storage, and logins are sealed by the vault."""
    context = context_for("system:seed", "First data")
    seed_customers(database, numbering, context)
    seed_places(database, context)
    seed_custom_fields(database, numbering, context)
    seed_systems(database, vault, context)
    seed_rules(database, context)
    seed_notes(database, context)
    seed_files(database, context, storage, spool)
    seed_structure(database, numbering, context)


__all__ = ["seed"]
