"""Two small files: a contract that ends next year, and how to get in."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.context import Context
from common.db import Database
from common.storage.port import Storage
from common.storage.spool import Spool
from customer.seed.notes import WRITER
from customer.use_cases import store
from customer.use_cases.files.receive import Received, receive
from customer.use_cases.files.records import add_file

_PAGE = """%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>endobj
4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
5 0 obj<</Length 66>>stream
BT /F 16 Tf 72 760 Td (Framework contract, Alderwick Foods) Tj ET
endstream endobj
trailer<</Root 1 0 R>>
%%EOF
"""
_WAY_IN = """Deliveries: Unit 9, Foss Islands, York. The gate opens at six; the code changes every Monday.
Lorries above 12 t turn in the yard of unit 11. No deliveries on market days between eight and ten.
"""

# number of the customer, name, content, fields, days until it ends
_FILES: tuple[tuple[str, str, str, Mapping[str, Any], int | None], ...] = (
    (
        "20100",
        "Framework contract.pdf",
        _PAGE,
        {"category": "contract", "document_type": "framework_contract", "signature": "signed"},
        400,
    ),
    ("20103", "Way in.txt", _WAY_IN, {"category": "other", "description": "For drivers"}, None),
)


def seed_files(database: Database, context: Context, storage: Storage, spool: Spool) -> None:
    """Adds what the customer has no file of yet, found by its name."""
    for number, name, content, fields, ends in _FILES:
        with database.transaction() as session:
            customer_id = session.execute(_WITHOUT, {"number": number, "name": name}).scalar()
        if customer_id is None:
            continue
        with spool.open() as file:
            file.write(content.encode())
            limits = {str(fields["category"]): spool.max_bytes}
            received = receive(database, storage, limits, file, name, None, str(fields["category"]))
        database.run(
            partial(_file, customer_id=customer_id, fields=fields, received=received, ends=ends), context=context
        )


def _file(session: Session, customer_id: str, fields: Mapping[str, Any], received: Received, ends: int | None) -> None:
    expires_on = None if ends is None else store.today(session) + timedelta(days=ends)
    add_file(session, customer_id, {**fields, "expires_on": expires_on}, received, WRITER)


_WITHOUT = text(
    """
    SELECT CAST(c.id AS text) FROM customers c
    WHERE c.number = :number AND NOT EXISTS (SELECT 1 FROM files f WHERE f.customer_id = c.id AND f.name = :name)
    """
)
