"""Bare Flask on gunicorn's gthread worker: hello JSON, and one row by key through SQLAlchemy's ORM.

python -m bench.ceilings.web DATABASE_URL PORT
"""

import sys
from typing import Any

from flask import Flask, jsonify
from gunicorn.app.base import BaseApplication
from sqlalchemy import DateTime, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

SCHEMA = """
CREATE TABLE customers (
    id text PRIMARY KEY,
    kind text NOT NULL,
    number text NOT NULL,
    status text NOT NULL,
    name text NOT NULL,
    dba_name text,
    parent_id text,
    group_id text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
)
"""


class Base(DeclarativeBase):
    """The declarative base."""


class Customer(Base):
    """One customer, as wide as ours."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[str]
    status: Mapped[str]
    name: Mapped[str]
    dba_name: Mapped[str | None]
    parent_id: Mapped[str | None]
    group_id: Mapped[str | None]
    version: Mapped[int]
    created_at: Mapped[Any] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[Any] = mapped_column(DateTime(timezone=True))


def create_app(database_url: str) -> Flask:
    """The application."""
    app = Flask(__name__)
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"), pool_size=8, max_overflow=0)

    @app.get("/healthz")
    def health() -> Any:
        return jsonify(status="ok")

    @app.get("/hello")
    def hello() -> Any:
        return jsonify(hello="world")

    @app.get("/customers/<customer_id>")
    def customer(customer_id: str) -> Any:
        with Session(engine) as session:
            found = session.get_one(Customer, customer_id)
            return jsonify(
                id=found.id,
                kind=found.kind,
                number=found.number,
                status=found.status,
                name=found.name,
                dba_name=found.dba_name,
                parent_id=found.parent_id,
                group_id=found.group_id,
                version=found.version,
                created_at=found.created_at.isoformat(),
                updated_at=found.updated_at.isoformat(),
            )

    return app


class Server(BaseApplication):  # type: ignore[misc,unused-ignore]
    """gunicorn with one gthread process of eight threads, as ours."""

    def __init__(self, port: int, database_url: str) -> None:
        self._port = port
        self._database_url = database_url
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"127.0.0.1:{self._port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": 8,
            "keepalive": 75,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self._database_url)


if __name__ == "__main__":
    Server(int(sys.argv[2]), sys.argv[1]).run()
