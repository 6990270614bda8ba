"""What the gateway is told by its environment."""

import dataclasses

from common import settings


class Upstreams(dict[str, str]):
    """The services behind the gateway: `customer=http://customer:8000 identity=http://identity:8000`."""

    def __init__(self, text: str) -> None:
        """Raises ValueError where an item is not `name=address`."""
        super().__init__()
        for item in text.replace(",", " ").split():
            name, found, address = item.partition("=")
            if not found or not address.startswith("http://"):
                raise ValueError(item)
            self[name] = address.rstrip("/")


class Names(frozenset[str]):
    """Words separated by commas or spaces."""

    def __new__(cls, text: str) -> "Names":
        return super().__new__(cls, text.replace(",", " ").split())


LOCAL = Names("localhost 127.0.0.1 ::1")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """Rates are `<count>/<second|minute|hour>`, counted by each process for itself."""

    upstreams: Upstreams = dataclasses.field(default_factory=lambda: Upstreams(""))  # none: its own views only
    web_threads: int = 16
    allowed_hosts: Names = LOCAL  # names that a request may be addressed to; `*` for any
    trusted_proxies: int = 0  # how many proxies of ours stand in front and append to X-Forwarded-For
    https: bool = False  # whether clients reach this over TLS: sends Strict-Transport-Security
    rate_per_account: str = "300/second"
    rate_per_address: str = "600/second"
    rate_of_logins: str = "30/minute"  # per address; identity slows down per account besides
    upload_limit: int = 100_100_000  # bytes of a form with a file; not above what the services take
    deadline: float = 15.0  # seconds for a whole request
    upload_deadline: float = 300.0  # seconds for one that brings a file
    serve_events: bool = False  # whether this process serves live events; the role `stream` does
    stream_clients: int = 200  # live connections of one process, each holds a thread
