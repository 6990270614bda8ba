"""A process says at once everything that is missing, and reads secrets from mounted files."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from common.settings import MissingSettings, Settings


@dataclass(frozen=True, kw_only=True)
class Sample(Settings):
    first: str
    second: str
    number: int = 3
    flag: bool = False


def test_every_missing_name_is_told_at_once() -> None:
    with pytest.raises(MissingSettings) as told:
        Sample.from_env({"NUMBER": "x", "FLAG": "maybe"})
    message = str(told.value)
    assert all(name in message for name in ("FIRST", "SECOND", "NUMBER", "FLAG"))


def test_values_are_read_by_their_types() -> None:
    settings = Sample.from_env({"FIRST": "a", "SECOND": "b", "NUMBER": "7", "FLAG": "true", "CONTRACTS_DIR": "x/y"})
    assert (settings.number, settings.flag, settings.contracts_dir) == (7, True, Path("x/y"))


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("value\n", encoding="utf-8")
    assert Sample.from_env({"FIRST_FILE": str(tmp_path / "secret"), "SECOND": "b"}).first == "value"


def test_a_secret_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingSettings, match="FIRST_FILE names cannot be read"):
        Sample.from_env({"FIRST_FILE": str(tmp_path / "none"), "SECOND": "b"})
