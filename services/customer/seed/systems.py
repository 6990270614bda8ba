"""Two types of installed systems, and some of each at customers; logins where this installation can seal them."""

from functools import partial
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.context import Context
from common.db import Database
from customer.use_cases.system_secrets import set_secret
from customer.use_cases.system_types import create_system_type
from customer.use_cases.systems import add_system
from customer.use_cases.vault import Vault

_IP: Final = {
    "key": "ip_address",
    "label": "IP address",
    "type": "text",
    "max_length": 15,
    "pattern": r"(\d{1,3}\.){3}\d{1,3}",
    "pattern_message": "Write it as 192.0.2.10.",
}
_VERSION: Final = {"key": "version", "label": "Version", "type": "text", "max_length": 40}
_LOGIN: Final = {"key": "login", "label": "Login", "type": "secret"}
_TYPES: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "Telephone system",
        "fields": [
            _IP,
            _VERSION,
            {"key": "extensions", "label": "Extensions", "type": "integer", "min": 0, "max": 100_000},
            _LOGIN,
        ],
    },
    {
        "name": "Alarm panel",
        "fields": [
            _IP,
            _VERSION,
            {"key": "inspected_on", "label": "Last inspection", "type": "date"},
            _LOGIN,
            {"key": "duress_code", "label": "Duress code", "type": "secret", "pattern": r"\d{4,8}"},
        ],
    },
)
# number, property, place of the type, name, IP address, version, value of the third field
_SYSTEMS = """
20100|P20001|0|Head office|192.0.2.10|11.3|140
20102|P20004|0|York shop|192.0.2.26|11.2|12
20102|P20004|1|York shop|192.0.2.27|4.8.1|2026-02-11
20103|P20002|1|Cold store, north door|192.0.2.41|4.8.1|2025-11-03
20103|P20002|1|Cold store, loading bay|192.0.2.42|4.7|2025-11-03
20120|P20008|0|Front desk|198.51.100.5|10.9|86
20140||0|Civic centre|203.0.113.8|11.3|310
20164||1|Brewhouse|198.51.100.77|4.8.1|2026-01-20
"""


def seed_systems(database: Database, vault: Vault, context: Context) -> None:
    """Defines the types, found by their names, and installs systems where a customer has none of that name and type."""
    kinds = database.run(_define, context=context)
    for line in _SYSTEMS.strip().splitlines():
        database.run(partial(_install, vault=vault, kinds=kinds, cells=line.split("|")), context=context)


def _define(session: Session) -> list[str]:
    there = {row.name: row.id for row in session.execute(text("SELECT name, CAST(id AS text) AS id FROM system_types"))}
    return [there.get(kind["name"]) or create_system_type(session, kind)["id"] for kind in _TYPES]


def _install(session: Session, vault: Vault, kinds: list[str], cells: list[str]) -> None:
    number, property_number, place, name, address, version, third = cells
    kind, fields = kinds[int(place)], _TYPES[int(place)]["fields"]
    customer_id = session.execute(_WITHOUT, {"number": number, "type": kind, "name": name}).scalar()
    if customer_id is None:
        return
    values = {"ip_address": address, "version": version, fields[2]["key"]: third}
    property_id = session.execute(_PROPERTY, {"number": property_number}).scalar()
    body = {"type_id": kind, "name": name, "property_id": property_id, "values": values}
    made = add_system(session, customer_id, body)
    if vault.is_ready:
        set_secret(session, vault, customer_id, made["id"], "login", made["version"], f"admin / seeded-{number}")


_PROPERTY = text("SELECT CAST(id AS text) FROM properties WHERE number = :number")
_WITHOUT = text(
    """
    SELECT CAST(c.id AS text) FROM customers c WHERE c.number = :number AND c.status = 'active' AND NOT EXISTS (
        SELECT 1 FROM systems s
        WHERE s.customer_id = c.id AND s.type_id = CAST(:type AS uuid) AND s.name = :name)
    """
)
