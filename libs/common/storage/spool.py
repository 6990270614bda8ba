"""Files as they arrive: on disk from the first byte, counted and hashed on the way, gone when nobody keeps them."""

import hashlib
import io
import os
import time
from collections.abc import Callable
from pathlib import Path

from common.errors import TooLarge
from common.ids import new_id

_SUFFIX = ".part"
_LEFT_BEHIND = 24 * 3600.0


class UploadTooLarge(TooLarge):
    """The file is larger than what is taken here; the fact `limit` says how many bytes that is."""

    code = "upload_too_large"
    title = "The file is too large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A file may have at most {limit:,} bytes here; send a smaller one.", facts={"limit": limit})


class Spooled(io.RawIOBase):
    """One file on its way: first written, then read from any place. Closing it removes what was not kept."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        super().__init__()
        self.path = path
        self.size = 0
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        self._file = path.open("x+b", buffering=0)

    @property
    def sha256(self) -> str:
        """Of what was written, in hex."""
        return self._digest.hexdigest()

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Appends; raises UploadTooLarge before more than allowed is on disk."""
        self.size += len(data)
        if self.size > self._max_bytes:
            raise UploadTooLarge(self._max_bytes)
        self._digest.update(data)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        return len(data)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        return self._file.readinto(buffer)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def sync(self) -> None:
        """Everything written outlives a crash of the machine, once the file has its place."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Removes the file, unless a storage has moved it to its place."""
        if not self.closed:
            self._file.close()
            self.path.unlink(missing_ok=True)
        super().close()


class Spool:
    """A folder for files on their way, of `max_bytes` each at most. The folder is made when the first one comes."""

    def __init__(self, folder: Path, max_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._clock = clock

    def open(self) -> Spooled:
        """A new empty file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return Spooled(self.folder / f"{new_id()}{_SUFFIX}", self.max_bytes)

    def sweep(self) -> int:
        """Removes what killed processes left behind a day ago; returns how many files that were."""
        removed = 0
        for path in self.folder.glob(f"*{_SUFFIX}"):
            try:
                if path.stat().st_mtime < self._clock() - _LEFT_BEHIND:
                    path.unlink()
                    removed += 1
            except FileNotFoundError:
                continue  # it arrived in the meantime
        return removed
