"""Both storages keep the promises of the port; and what arrives is bounded while it arrives."""

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from common.storage.disk import DiskStorage
from common.storage.port import Storage, StorageUnavailable
from common.storage.s3 import S3Storage
from common.storage.spool import Spool, UploadTooLarge
from common.testing.storage_suite import StorageSuite, spooled


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "incoming", 20_000_000)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    client.create_bucket(Bucket="atrium")
    yield url
    server.stop()


class TestDisk(StorageSuite):
    """A folder."""

    @pytest.fixture
    def storage(self, tmp_path: Path) -> Storage:
        return DiskStorage(tmp_path / "files")

    def test_a_spool_on_another_file_system_is_copied(self, storage: Storage, spool: Spool, monkeypatch) -> None:
        def other_device(_path: Path, _target: Path) -> Path:
            raise OSError(18, "Invalid cross-device link")

        real = Path.replace
        monkeypatch.setattr(
            Path, "replace", lambda path, target: (other_device if path.suffix == ".part" else real)(path, target)
        )
        with spooled(spool, b"far away") as content:
            storage.put(content)
        assert b"".join(storage.open(content.sha256)) == b"far away"
        assert list(spool.folder.iterdir()) == []

    def test_a_folder_that_cannot_be_written_is_told(self, tmp_path: Path, spool: Spool) -> None:
        (tmp_path / "file").write_text("no folder")
        with spooled(spool, b"x") as content, pytest.raises(StorageUnavailable):
            DiskStorage(tmp_path / "file" / "below").put(content)


class TestS3(StorageSuite):
    """S3's protocol on loopback."""

    @pytest.fixture
    def storage(self, endpoint: str) -> Storage:
        return S3Storage("atrium", endpoint=endpoint, region="us-east-1", access_key="a", secret_key="b")

    def test_a_storage_that_does_not_answer_is_told(self, spool: Spool) -> None:
        nowhere = S3Storage("atrium", endpoint="http://127.0.0.1:9", region="us-east-1", access_key="a", secret_key="b")
        with spooled(spool, b"x") as content, pytest.raises(StorageUnavailable):
            nowhere.put(content)
        with pytest.raises(StorageUnavailable):
            nowhere.open("0" * 64)


def test_more_than_the_limit_never_gets_to_the_disk(tmp_path: Path) -> None:
    with Spool(tmp_path, 10).open() as file:
        file.write(b"123456789")
        with pytest.raises(UploadTooLarge) as refused:
            file.write(b"ab")
        assert file.path.stat().st_size == 9
    assert refused.value.facts == {"limit": 10}
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept_after_a_day(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10)
    left, arriving = tmp_path / "old.part", spool.open()
    left.write_bytes(b"x")
    os.utime(left, (1, 1))
    assert spool.sweep() == 1
    assert arriving.path.exists()
    arriving.close()
