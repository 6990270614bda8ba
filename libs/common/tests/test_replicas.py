"""Replica writes: buffered, newest version per key, written as one statement per table and set of columns."""

from typing import Any

import orjson
from sqlalchemy import column, table
from sqlalchemy.orm import Session

from common import replicas

plain = table("replica_plain", column("id"), column("version"), column("name"))
marked = table("replica_marked", column("id"), column("version"), column("name"), column("gone"))


class Recording(Session):
    """A session that only remembers what it is asked to execute."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Any]] = []

    def execute(self, statement: Any, params: Any = None, **_: Any) -> Any:  # type: ignore[override]
        self.asked.append((str(statement), params))


def written(session: Recording) -> list[Any]:
    return [orjson.loads(params["rows"]) for _, params in session.asked]


def test_nothing_is_written_before_the_flush() -> None:
    session = Recording()
    replicas.put(session, plain, {"id": "a"}, 1, {"name": "A"})
    assert session.asked == []
    replicas.flush(session)
    assert written(session) == [[{"id": "a", "version": 1, "name": "A"}]]


def test_of_one_key_only_the_newest_version_is_written() -> None:
    session = Recording()
    for version in (2, 3, 1):
        replicas.put(session, plain, {"id": "a"}, version, {"name": f"A{version}"})
    replicas.flush(session)
    assert written(session) == [[{"id": "a", "version": 3, "name": "A3"}]]


def test_many_rows_of_a_table_are_one_statement_that_keeps_newer_rows() -> None:
    session = Recording()
    for key in ("a", "b", "c"):
        replicas.put(session, plain, {"id": key}, 1, {"name": key})
    replicas.flush(session)
    assert len(session.asked) == 1
    assert "ON CONFLICT (id) DO UPDATE" in session.asked[0][0]
    assert session.asked[0][0].endswith("WHERE old.version < excluded.version")


def test_a_row_that_ends_leaves_a_mark_where_the_table_has_one() -> None:
    session = Recording()
    replicas.put(session, marked, {"id": "a"}, 1, {"name": "A"})
    replicas.drop(session, marked, {"id": "a"}, 2)
    replicas.flush(session)
    assert written(session) == [
        [{"id": "a", "version": 1, "gone": False, "name": "A"}],
        [{"id": "a", "version": 2, "gone": True}],
    ]


def test_a_row_that_ends_is_deleted_where_the_table_has_no_mark_and_after_what_came_before() -> None:
    session = Recording()
    replicas.put(session, plain, {"id": "a"}, 1, {"name": "A"})
    replicas.drop(session, plain, {"id": "a"}, 2)
    statements = [statement for statement, _ in session.asked]
    assert statements[0].startswith("INSERT INTO replica_plain")
    assert statements[1] == "DELETE FROM replica_plain WHERE id = :id AND version <= :version"


def test_what_was_rolled_back_is_forgotten() -> None:
    session = Recording()
    replicas.put(session, plain, {"id": "a"}, 1, {"name": "A"})
    replicas.forget(session)
    replicas.flush(session)
    assert session.asked == []
