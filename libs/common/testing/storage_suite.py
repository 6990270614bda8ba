"""One suite for every storage. A test module subclasses `StorageSuite` and gives the fixtures `storage` and `spool`."""

import hashlib

import pytest

from common.storage.port import BlobMissing, Storage
from common.storage.spool import Spool, Spooled

SEVERAL_PARTS = 9 * 1024 * 1024


def spooled(spool: Spool, *pieces: bytes) -> Spooled:
    """A file that has arrived."""
    file = spool.open()
    for piece in pieces:
        file.write(piece)
    return file


class StorageSuite:
    """What a content is owed, whoever keeps it."""

    def test_what_was_put_is_read_again(self, storage: Storage, spool: Spool) -> None:
        with spooled(spool, b"one ", b"two") as content:
            storage.put(content)
            key = content.sha256
        assert key == hashlib.sha256(b"one two").hexdigest()
        assert b"".join(storage.open(key)) == b"one two"

    def test_any_part_can_be_read(self, storage: Storage, spool: Spool) -> None:
        with spooled(spool, bytes(range(100))) as content:
            storage.put(content)
        assert b"".join(storage.open(content.sha256, 10, 5)) == bytes(range(10, 15))
        assert b"".join(storage.open(content.sha256, 95)) == bytes(range(95, 100))
        assert b"".join(storage.open(content.sha256, 99, 1)) == bytes([99])
        assert b"".join(storage.open(content.sha256, 3, 0)) == b""

    def test_putting_it_twice_keeps_it_once(self, storage: Storage, spool: Spool) -> None:
        for _ in range(2):
            with spooled(spool, b"the same") as content:
                storage.put(content)
        storage.remove(content.sha256)
        with pytest.raises(BlobMissing):
            storage.open(content.sha256)

    def test_a_large_content_comes_in_pieces(self, storage: Storage, spool: Spool) -> None:
        block = hashlib.sha512(b"block").digest() * 1024
        blocks = SEVERAL_PARTS // len(block)
        with spooled(spool, *[block] * blocks) as content:
            storage.put(content)
        pieces = list(storage.open(content.sha256))
        assert max(len(piece) for piece in pieces) <= 1024 * 1024
        assert hashlib.sha256(b"".join(pieces)).hexdigest() == content.sha256

    def test_a_missing_content_is_told_at_once(self, storage: Storage) -> None:
        absent = "0" * 64
        with pytest.raises(BlobMissing):
            storage.open(absent)
        storage.remove(absent)

    def test_a_key_that_is_no_hash_is_never_a_path(self, storage: Storage) -> None:
        for key in ("../../etc/passwd", "", "A" * 64, "0" * 63 + "/"):
            with pytest.raises(ValueError, match="SHA-256"):
                storage.open(key)
            with pytest.raises(ValueError, match="SHA-256"):
                storage.remove(key)

    def test_nothing_is_left_of_a_file_that_nobody_kept(self, storage: Storage, spool: Spool) -> None:
        with spooled(spool, b"refused") as content:
            pass
        assert list(spool.folder.iterdir()) == []
        with pytest.raises(BlobMissing):
            storage.open(content.sha256)
