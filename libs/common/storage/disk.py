"""Contents in a folder, for one machine or a volume that all processes share."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from common.ids import new_id
from common.storage.port import CHUNK, BlobMissing, StorageUnavailable, checked
from common.storage.spool import Spooled


class DiskStorage:
    """`<folder>/ab/cd/abcd…`, each file complete from the moment it has its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: Spooled) -> None:
        target = self._path(content.sha256)
        try:
            if target.exists():
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            content.sync()
            try:
                content.path.replace(target)
            except OSError:
                self._copy(content.path, target)  # the spool lies on another file system
            for folder in (target.parent, target.parent.parent, self._folder):
                _sync_folder(folder)
        except OSError as error:
            raise StorageUnavailable from error

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError as error:
            raise BlobMissing(key) from error
        except OSError as error:
            raise StorageUnavailable from error
        return _pieces(file, start, length)

    def remove(self, key: str) -> None:
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StorageUnavailable from error

    def _path(self, key: str) -> Path:
        checked(key)
        return self._folder / key[:2] / key[2:4] / key

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        draft = target.with_name(f"{target.name}.{new_id()}")
        try:
            shutil.copyfile(source, draft)
            with draft.open("rb") as copied:
                os.fsync(copied.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


def _pieces(file: IO[bytes], start: int, length: int | None) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = length
        while left is None or left > 0:
            piece = file.read(CHUNK if left is None else min(CHUNK, left))
            if not piece:
                return
            if left is not None:
                left -= len(piece)
            yield piece


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
