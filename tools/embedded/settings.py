"""What the person who starts the demo may choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class CannotStart(SystemExit):
    """The demo cannot start; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`PORT`, `DEMO_DIR` and `DEMO_PASSWORD`."""

    port: int
    folder: Path
    password: str  # empty: one is made at the first start

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises CannotStart where PORT is no port."""
        port = environ.get("PORT") or "8080"
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise CannotStart(f"PORT is {port!r}; it must be a number between 1 and 65535.")
        folder = Path(environ.get("DEMO_DIR") or ".demo").expanduser().resolve()
        return cls(int(port), folder, environ.get("DEMO_PASSWORD", ""))
