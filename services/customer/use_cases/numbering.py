"""Numbers of customers: taken as given, made when none is given, and never used for another customer again."""

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from customer.domain.numbers import Numbering
from customer.errors import NumberTaken


def automatic_numbers(session: Session, numbering: Numbering, count: int) -> list[str]:
    """As many new numbers as asked. Skips those that are in use: numbers may also be given by hand."""
    return _free(session, numbering.form, count, _NEXT, _USED)


def property_number(session: Session, numbering: Numbering) -> str:
    """A new number for a property."""
    return _free(session, numbering.form, 1, _NEXT_OF_PROPERTIES, _USED_BY_PROPERTIES)[0]


def _free(session: Session, form: str, count: int, series: TextClause, used_ones: TextClause) -> list[str]:
    found: list[str] = []
    step = count
    while len(found) < count:
        candidates = [form.format(row.value) for row in session.execute(series, {"n": step})]
        used = set(session.execute(used_ones, {"numbers": candidates}).scalars())
        found += [number for number in candidates if number not in used]
        # Where a whole range was given by hand, larger steps leave it behind in a few statements.
        step = min(max(step * 4, 16), 10_000)
    return found[:count]


def refuse_retired(session: Session, number: str, customer_id: str) -> None:
    """Raises NumberTaken when the number once belonged to another customer. Asked after the number has been written,
    so that a deletion at the same moment is seen."""
    owner = session.execute(_RETIRED, {"number": number}).scalar()
    if owner is not None and owner != customer_id:
        raise NumberTaken(
            f"The number {number} belonged to a customer that is gone; numbers are never used again.",
            facts={"number": number},
        )


def taken(session: Session, number: str) -> NumberTaken:
    """The refusal that names who has the number."""
    row = session.execute(_OWNER, {"number": number}).mappings().one_or_none()
    if row is None:
        return taken_now(number)
    archived = " It is archived; you can restore it." if row["status"] == "archived" else ""
    return NumberTaken(
        f"The number {number} belongs to {row['name']}.{archived}",
        facts={"number": number, "customer_id": row["id"], "customer_status": row["status"]},
    )


def taken_now(number: str) -> NumberTaken:
    """The refusal for a number that somebody else gave away at the same moment."""
    return NumberTaken(f"The number {number} has just been given to another customer.", facts={"number": number})


def retire(session: Session, number: str, customer_id: str, *, by: str | None = None) -> None:
    """Keeps a number from being used for anybody else; `by` is who deleted its customer, if somebody did."""
    session.execute(_RETIRE, {"number": number, "id": customer_id, "by": by})


_NEXT = text("SELECT nextval('customer_numbers') AS value FROM generate_series(1, :n)")
_NEXT_OF_PROPERTIES = text("SELECT nextval('property_numbers') AS value FROM generate_series(1, :n)")
_USED_BY_PROPERTIES = text("SELECT number FROM properties WHERE number = ANY (:numbers)")
_USED = text(
    """
    SELECT number FROM customers WHERE number = ANY (:numbers)
    UNION SELECT number FROM retired_numbers WHERE number = ANY (:numbers)
    """
)
_RETIRED = text("SELECT CAST(customer_id AS text) FROM retired_numbers WHERE number = :number")
_OWNER = text("SELECT CAST(id AS text) AS id, name, status FROM customers WHERE number = :number")
_RETIRE = text(
    """
    INSERT INTO retired_numbers (number, customer_id, retired_by) VALUES (:number, CAST(:id AS uuid), :by)
    ON CONFLICT DO NOTHING
    """
)
