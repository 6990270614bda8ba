"""The servers as pytest fixtures."""

from collections.abc import Iterator

import pytest

from support import postgres, rabbitmq


@pytest.fixture(scope="session")
def postgres_admin_url() -> str:
    """A superuser's address of the run's one PostgreSQL."""
    return postgres.admin_url()


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """The address of the run's one RabbitMQ."""
    return rabbitmq.url()


@pytest.fixture(scope="module")
def rabbitmq_node() -> Iterator[rabbitmq.Node]:
    """A RabbitMQ that the module's tests may stop, kill and start again."""
    node = rabbitmq.Node()
    yield node
    node.remove()
