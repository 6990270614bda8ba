"""A small believable data set; repeating it adds nothing."""

from common.db import Database


def seed(_database: Database) -> None:
    """Writes nothing yet."""
