"""The demo's folder: its database, files, keys, password and log; one process at a time may use it."""

import base64
import fcntl
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from embedded.settings import CannotStart


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made at the first start and kept."""

    private_key: str  # PEM of the Ed25519 key that signs access tokens
    public_key: str
    sealing_key: str  # 32 bytes in base64
    customer_key: str  # the same, for stored logins
    password: str  # the administrator's


class Folder:
    """Made where it is missing; belongs to this process until it ends."""

    def __init__(self, path: Path) -> None:
        """Raises CannotStart where it cannot be written or another demo uses it."""
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = self._locked(path / "lock")
        except PermissionError as error:
            raise CannotStart(f"{path} cannot be written; choose another folder with DEMO_DIR=…") from error
        self.postgres = path / "postgres"
        self.files = path / "files"
        self.log = path / "atrium.log"

    def leave(self) -> None:
        """Lets another process use the folder."""
        self._lock.close()

    @property
    def is_seeded(self) -> bool:
        """Whether the first start got to its end."""
        return (self.path / "seeded").exists()

    def mark_seeded(self) -> None:
        """The seed is in the databases and is not written again."""
        (self.path / "seeded").touch()

    def secrets(self, password: str) -> Secrets:
        """The keys, and the administrator's password: `password` where it is given, else the kept or a new one."""
        pem = self._kept("signing.pem", _new_private_key)
        key = load_pem_private_key(pem.encode(), None)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        sealing, customer = self._kept("sealing.key", _new_key), self._kept("secrets.key", _new_key)
        if password:
            self._write("password", password)
        return Secrets(pem, public, sealing, customer, self._kept("password", lambda: secrets.token_urlsafe(12)))

    @staticmethod
    def _locked(path: Path) -> TextIO:
        file = path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"A demo already runs on {path.parent}. Stop it first, or start another one: "
                "PORT=8090 DEMO_DIR=.demo2 make demo"
            ) from None
        return file

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        path = self.path / name
        if not path.exists():
            self._write(name, make())
        return path.read_text(encoding="utf-8")

    def _write(self, name: str, content: str) -> None:
        """Whole or not at all, and for this user's eyes only."""
        draft = self.path / f"{name}.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / name)


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _new_private_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
