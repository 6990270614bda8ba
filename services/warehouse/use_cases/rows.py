"""Rows of a table as statements, to be run together."""

from sqlalchemy import Table
from sqlalchemy.orm import Session

from common.pipeline import Statement, send
from common.records import Record
from common.records import inserting as insert
from common.records import updating as update

__all__ = ["Record", "blank", "insert", "run", "update"]


def blank(table: Table) -> Record:
    """A record of nothing but nulls."""
    return {str(column.name): None for column in table.columns}


def run(session: Session, *statements: Statement) -> None:
    """Runs statements in one round trip."""
    send(session, statements)
