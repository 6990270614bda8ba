"""HTTP in: the operations of this service."""

from automation.api import rules, runs, tasks

ROUTES = (rules.routes, runs.routes, tasks.routes)
