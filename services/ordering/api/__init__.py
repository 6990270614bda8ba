"""HTTP in: the operations of this service."""

from common.web import Routes

ROUTES: tuple[Routes, ...] = ()
