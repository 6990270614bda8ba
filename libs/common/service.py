"""What a service is to the programs that run it: its name, its database, its web app, its handlers and its jobs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as Stop
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy.orm import Session

from common.contracts import Contracts
from common.db import Database
from common.envelope import Event
from common.settings import Settings

if TYPE_CHECKING:
    from common.replay import Requests

Handler = Callable[[Session, Event], None]


@dataclass(frozen=True, slots=True)
class Job:
    """A loop of a worker besides its messages. `run` does one round and returns whether there may be more to do at
    once; it is called again after `every` seconds, or when the process stops it returns soon."""

    name: str
    run: Callable[[Stop], bool]
    every: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Built by a service's `bootstrap.build(settings)`, and by nothing else."""

    name: str  # kebab case, as in `portal-settings`; also the consumer's name
    settings: Settings
    contracts: Contracts
    create_app: Callable[[], Flask]
    database: Database | None = None
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    publishes: frozenset[str] = frozenset()
    jobs: Sequence[Job] = ()
    on_beat: Handler | None = None  # takes the heartbeats of the relays, see `common.beat`
    replays: "Requests | None" = None  # what consumers ask to be sent again, answered by workers
    seed: Callable[[], None] | None = None

    @property
    def db(self) -> Database:
        """The database of a service that has one."""
        assert self.database is not None, f"{self.name} has no database"
        return self.database
