"""One chunk of rows, decided row by row in memory and written with one statement per table."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from common.errors import Refusal
from common.importing.claims import lines_of
from common.importing.kinds import Options, Outcome
from common.importing.rows import RowRefused
from customer.domain.numbers import Numbering
from customer.use_cases import store
from customer.use_cases.imports.contact_rows import ContactRows
from customer.use_cases.imports.custom import CustomFields
from customer.use_cases.imports.customer_rows import CustomerRows
from customer.use_cases.imports.present import Present, read
from customer.use_cases.imports.rows import Row
from customer.use_cases.imports.writes import Writes
from customer.use_cases.numbering import automatic_numbers
from customer.use_cases.store import Record

_MATCH = {"number": "number", "external_id": "external id"}


class Chunk:
    """Decides the rows of one chunk and writes what follows."""

    def __init__(self, session: Session, options: Options, numbering: Numbering) -> None:
        self._session = session
        self._options = options
        self._numbering = numbering
        self._writes = Writes(options.import_id, store.moment(session), options.dry_run)
        self._present = Present()
        self._done: set[str] = set()

    def write(self, rows: Sequence[Row]) -> Outcome:
        """Decides and, unless the run is dry, writes the rows; raises Interfered."""
        outcome = Outcome()
        self._present = read(self._session, rows)
        self._know_provisional_parents(rows)
        custom = CustomFields(self._session, rows if self._options.of == "customers" else ())
        customers = CustomerRows(self._present, self._writes, custom, self._new_numbers(rows))
        contacts = ContactRows(self._present, self._writes)
        for row in rows:
            try:
                if self._options.of == "contacts":
                    self._decide_contact(row, contacts, outcome)
                else:
                    self._decide_customer(row, customers, outcome)
            except RowRefused as refused:
                outcome.refused.append((row, [refused.problem]))
            except Refusal as refusal:
                outcome.refused.append((row, [(refusal.code.removeprefix("customer."), refusal.detail)]))
        if self._options.dry_run:
            outcome.more["possible_duplicates"] = self._writes.possible_duplicates(self._session)
        else:
            custom.store()
            self._writes.store(self._session)
        return outcome

    def _new_numbers(self, rows: Sequence[Row]) -> list[str]:
        if self._options.dry_run or self._options.mode == "update" or self._options.of != "customers":
            return []
        found = self._present.by_external
        without = sum("number" not in row.values and row.external_id not in found for row in rows)
        return automatic_numbers(self._session, self._numbering, without) if without else []

    def _know_provisional_parents(self, rows: Sequence[Row]) -> None:
        """In a dry run the head offices of earlier chunks are not stored, but their keys are."""
        if not self._options.dry_run:
            return
        parents = {row.values["parent_number"] for row in rows if "parent_number" in row.values}
        keys = [f"number:{number}" for number in parents - self._present.parents.keys()]
        if keys:
            for key in lines_of(self._session, self._options.import_id, keys):
                number = key.removeprefix("number:")
                self._present.parents[number] = _provisional(number)

    def _decide_customer(self, row: Row, customers: CustomerRows, outcome: Outcome) -> None:
        customer_id = self._find(row)
        if customer_id is None:
            if self._options.mode == "update":
                raise RowRefused("not_found", "There is no customer with this key to update.")
            customers.create(row)
            outcome.created += 1
            return
        customer = self._present.customers[customer_id]
        if self._options.mode == "create":
            raise RowRefused("exists", f"Customer {customer['number']} is there already.")
        _refuse_archived(customer)
        if customer_id in self._done:
            raise RowRefused("duplicate_in_file", f"An earlier row is for customer {customer['number']} too.")
        self._done.add(customer_id)
        if customers.update(row, customer):
            outcome.updated += 1
        else:
            outcome.unchanged += 1

    def _decide_contact(self, row: Row, contacts: ContactRows, outcome: Outcome) -> None:
        customer_id = self._find(row)
        if customer_id is None:
            raise RowRefused("customer_unknown", "There is no customer with this key; import the customers first.")
        customer = self._present.customers[customer_id]
        _refuse_archived(customer)
        before = contacts.find(row, customer)
        if before is None:
            if self._options.mode == "update":
                raise RowRefused("not_found", "The customer has no such contact to update.")
            contacts.add(row, customer)
            outcome.created += 1
        elif self._options.mode == "create":
            raise RowRefused("exists", f"{before['name']} is a contact of {customer['number']} already.")
        elif contacts.update(row, customer, before):
            outcome.updated += 1
        else:
            outcome.unchanged += 1

    def _find(self, row: Row) -> str | None:
        number, external = row.values.get("number"), row.external_id
        by_number = self._present.by_number.get(number) if number else None
        by_external = self._present.by_external.get(external) if external else None
        if self._options.mode == "create" and self._options.of == "customers":
            return by_number or by_external
        found, other = (by_number, by_external) if self._options.match == "number" else (by_external, by_number)
        if (number if self._options.match == "number" else external) is None:
            raise RowRefused("missing", f"The {_MATCH[self._options.match]} is missing, by which customers are found.")
        if other is not None and other != found:
            raise RowRefused("key_taken", "The number and the external id do not belong to the same customer.")
        if found is not None and number is not None and by_number != found:
            detail = f"The customer has the number {self._present.customers[found]['number']}, not {number}."
            raise RowRefused("number_differs", detail)
        return found


def _refuse_archived(customer: Record) -> None:
    if customer["status"] == "archived":
        raise RowRefused("archived", f"Customer {customer['number']} is archived; restore it first.")


def _provisional(number: str) -> Record:
    return {"id": f"number:{number}", "number": number, "name": number, "kind": "business", "status": "active"}
