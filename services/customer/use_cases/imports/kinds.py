"""The two types of import that this service has."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.importing.finished import tells
from common.importing.kinds import Importing, Kind, Options, Outcome, Refusals, importing
from common.importing.rows import Row as AnyRow
from customer.domain.numbers import Numbering
from customer.errors import ImportNotFound, ImportOptions, ImportTooLarge, ImportUnfinished
from customer.events.imports import IMPORT_FINISHED
from customer.queries.imports import STATEMENT, shown
from customer.use_cases.imports.chunk import Chunk
from customer.use_cases.imports.fields import FIELDS_OF, field_of, is_custom
from customer.use_cases.imports.rows import Reader, Row
from customer.use_cases.store import Record

TYPES = tuple(FIELDS_OF)
MATCHES = ("number", "external_id")


class _OfCustomers(Kind):
    """What files of customers and of contacts have in common."""

    permission = "customers.import"
    matches = MATCHES

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering

    def field_of(self, heading: str) -> str | None:
        return field_of(heading, self.name)

    def lacking(self, fields: Sequence[str | None], options: Options) -> str:
        return "" if options.match in fields else options.match

    def reader(self, columns: Sequence[str], fields: Sequence[str | None], options: Options) -> Reader:
        # A file that may create customers and has names must name each of them; otherwise empty keeps.
        return Reader(columns, fields, self._numbering, name_required=options.mode != "update", of=self.name)

    def apply(self, session: Session, rows: Sequence[AnyRow], options: Options) -> Outcome:
        return Chunk(session, options, self._numbering).write(cast("Sequence[Row]", rows))


class Customers(_OfCustomers):
    """A row is a customer, with a contact and an address."""

    name = "customers"
    fields = FIELDS_OF["customers"]
    repeated = "number or external id"

    def lacking(self, fields: Sequence[str | None], options: Options) -> str:
        needed = "name" if options.mode == "create" else options.match
        return "" if needed in fields else needed

    def may_be_mapped(self, field: str) -> bool:
        return field in self.fields or is_custom(field)


class Contacts(_OfCustomers):
    """A row names its customer and one contact."""

    name = "contacts"
    fields = FIELDS_OF["contacts"]
    repeated = "customer and contact"


def of_customers(numbering: Numbering) -> Importing:
    """The imports of this service."""
    return importing(
        [Customers(numbering), Contacts(numbering)],
        Refusals(ImportOptions, ImportTooLarge, ImportNotFound, ImportUnfinished),
        finished=_finished,
        statement=STATEMENT,
        shown=shown,
    )


def _finished(session: Session, record: Record) -> None:
    """The new customers are looked at for possible duplicates when all are there, so that an import is not slowed down
    by it."""
    session.execute(_CHECK_CREATED, {"id": record["id"]})
    _TELL(session, record)


_TELL = tells(IMPORT_FINISHED)
_CHECK_CREATED = text(
    "INSERT INTO duplicate_checks (customer_id, import_id) SELECT id, import_id FROM customers"
    " WHERE import_id = CAST(:id AS uuid) ORDER BY id"
)
