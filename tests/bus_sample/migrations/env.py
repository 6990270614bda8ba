"""Alembic's entry; the same in every service."""

from common.provision import run_migrations_env

run_migrations_env()
