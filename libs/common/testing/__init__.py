"""The kit of every service's tests: real databases from a template, signed tokens, a client, and bounded waiting."""

from common.testing.clients import Client, app_of, client_for
from common.testing.clock import FixedClock
from common.testing.databases import Databases, TestDatabase
from common.testing.events import deliver, published
from common.testing.figures import Figure
from common.testing.tokens import TestTokens
from common.testing.waiting import eventually

__all__ = [
    "Client",
    "Databases",
    "Figure",
    "FixedClock",
    "TestDatabase",
    "TestTokens",
    "app_of",
    "client_for",
    "deliver",
    "eventually",
    "published",
]
