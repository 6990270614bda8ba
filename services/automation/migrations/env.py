"""Alembic's entry for this service."""

from common.provision import run_migrations_env

run_migrations_env()
