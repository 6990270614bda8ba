"""Services in use as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from customer_replica import replica_customers
from ordering.domain.services import TRANSITIONS
from ordering.errors.services import ServiceNotFound
from ordering.tables.services import services

_SHOWN = select(
    services,
    replica_customers.c.number.label("customer_number"),
    replica_customers.c.name.label("customer_name"),
).outerjoin(replica_customers, replica_customers.c.id == services.c.customer_id)
_FILTERS = ("customer_id", "status", "listing_id", "order_id", "property_id", "org_unit_id", "person_id", "cost_centre")


def service_page(
    session: Session,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    only: Sequence[str] | None = None,
) -> Page:
    """A page of services, the newest first; of the customers in `only`, where that is given."""
    statement = _narrowed(_SHOWN, filters)
    if only is not None:
        statement = statement.where(services.c.customer_id.in_(only))
    rows = keyset(session, statement, [Key(services.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_service(row) for row in rows.rows], rows.next_cursor)


def service(session: Session, service_id: str) -> dict[str, Any]:
    """One service; raises ServiceNotFound."""
    row = session.execute(_SHOWN.where(services.c.id == service_id)).mappings().one_or_none()
    if row is None:
        raise ServiceNotFound("There is no such service.")
    return _service(row)


def departments(session: Session, customer_id: str) -> list[dict[str, Any]]:
    """What each department of a customer uses and what that costs again and again, by one statement; what is for none
    comes last. A charge recurs by the first period that its listing names."""
    found = session.execute(_DEPARTMENTS, {"customer": customer_id}).mappings()
    return [
        {
            "org_unit": None if row["org_unit_id"] is None else {"id": row["org_unit_id"], "label": row["label"]},
            **{name: row[name] for name in ("services", "quantity", "people")},
            "recurring": [
                {"period": one["period"], "charge": to_money(one["minor"], one["currency"])} for one in row["recurring"]
            ],
        }
        for row in found
    ]


def customer_of(session: Session, service_id: str) -> str:
    """Whose service it is; raises ServiceNotFound."""
    found = session.execute(select(services.c.customer_id).where(services.c.id == service_id)).scalar_one_or_none()
    if found is None:
        raise ServiceNotFound("There is no such service.")
    return str(found)


def _narrowed(statement: Select[Any], filters: Mapping[str, Any]) -> Select[Any]:
    for name in _FILTERS:
        if name in filters:
            statement = statement.where(services.c[name] == filters[name])
    if "q" in filters:
        begins = filters["q"].lower()
        columns = (services.c.number, services.c.serial)
        statement = statement.where(or_(*(func.lower(one).startswith(begins, autoescape=True) for one in columns)))
    return statement


def _service(row: Mapping[Any, Any]) -> dict[str, Any]:
    shown = {str(name): value for name, value in row.items()}
    places = {
        name: None if row[f"{name}_id"] is None else {"id": row[f"{name}_id"], "label": row[f"{name}_label"]}
        for name in ("property", "org_unit", "person")
    }
    return (
        shown
        | places
        | {
            "customer": {"id": row["customer_id"], "number": row["customer_number"], "name": row["customer_name"]},
            "unit_price": to_money(row["unit_price_minor"], row["currency"]),
            "commands": sorted(command for command in TRANSITIONS[row["status"]] if command != "start"),
        }
    )


_DEPARTMENTS = text(
    """
    WITH used AS (
        SELECT org_unit_id, org_unit_label, person_id, quantity, currency, unit_price_minor * quantity AS minor,
               charges->0->>'period' AS period, updated_at
        FROM services WHERE customer_id = CAST(:customer AS uuid) AND status IN ('active', 'return_requested')),
    charged AS (
        SELECT org_unit_id, period, currency, sum(minor)::bigint AS minor FROM used
        WHERE period IS NOT NULL AND minor IS NOT NULL
        GROUP BY 1, 2, 3),
    recurring AS (
        SELECT org_unit_id, jsonb_agg(jsonb_build_object('period', period, 'currency', currency, 'minor', minor)
                                      ORDER BY currency, period) AS charges
        FROM charged GROUP BY 1)
    SELECT used.org_unit_id::text, (array_agg(org_unit_label ORDER BY updated_at DESC))[1] AS label,
           count(*) AS services, sum(quantity)::bigint AS quantity, count(DISTINCT person_id) AS people,
           coalesce((SELECT charges FROM recurring r WHERE r.org_unit_id IS NOT DISTINCT FROM used.org_unit_id),
                    '[]') AS recurring
    FROM used GROUP BY used.org_unit_id
    ORDER BY label NULLS LAST, 1
    """
)
