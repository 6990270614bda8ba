"""Settings come from the environment once, at start, into one frozen dataclass; every missing name is told at once."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

SettingsT = TypeVar("SettingsT", bound="Settings")


class MissingSettings(SystemExit):
    """The process cannot start: names each setting that is missing or unreadable."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What every service is told. A field `database_url` is read from `DATABASE_URL`, or from the file that
    `DATABASE_URL_FILE` names (for mounted secrets). Subclass it for what only one service needs."""

    database_url: str = ""  # the login role `<service>_app`; empty for a service without a database
    database_pool: int = 10  # connections per process
    migration_database_url: str = ""  # the login role `<service>_owner`; only the migrate job is told
    admin_database_url: str = ""  # a superuser; only the provision job is told, with the two passwords
    owner_password: str = ""
    app_password: str = ""
    rabbitmq_url: str = ""  # only workers need it
    identity_public_key: str = ""  # PEM of Ed25519 public keys, several one after another while a key is rotated
    contracts_dir: Path = Path(__file__).parents[2] / "contracts"
    host: str = "127.0.0.1"
    port: int = 8000
    web_processes: int = 2
    web_threads: int = 8
    queue_type: str = "classic"  # `quorum` in production
    log_level: str = "INFO"
    environment: str = "development"

    @classmethod
    def from_env(cls: type[SettingsT], environ: Mapping[str, str]) -> SettingsT:
        """Reads every field; raises MissingSettings naming all that are missing or cannot be read."""
        values: dict[str, Any] = {}
        wrong: list[str] = []
        hints = get_type_hints(cls)
        for field in dataclasses.fields(cls):
            name = field.name.upper()
            try:
                text = _lookup(name, environ)
            except OSError as error:
                wrong.append(f"the file that {name}_FILE names cannot be read ({error.strerror})")
                continue
            if text is None:
                if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                    wrong.append(f"{name} is not set")
                continue
            try:
                values[field.name] = _convert(text, hints[field.name])
            except ValueError:
                wrong.append(f"{name} cannot be read as {hints[field.name].__name__}")
        if wrong:
            raise MissingSettings("cannot start: " + "; ".join(wrong))
        return cls(**values)


def _lookup(name: str, environ: Mapping[str, str]) -> str | None:
    if name in environ:
        return environ[name]
    path = environ.get(f"{name}_FILE")
    return Path(path).read_text(encoding="utf-8").strip() if path else None


def _convert(text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in {"0", "1", "true", "false"}:
            raise ValueError(text)
        return text.lower() in {"1", "true"}
    return kind(text)
