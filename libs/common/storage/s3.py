"""Contents in a bucket of S3-compatible storage, for production."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from common.storage.port import CHUNK, BlobMissing, StorageUnavailable, checked
from common.storage.spool import Spooled

# Parts go one after another: memory holds one of them, however large the file is.
_TRANSFER = TransferConfig(multipart_threshold=8 * 1024 * 1024, multipart_chunksize=8 * 1024 * 1024, use_threads=False)
_MISSING = {"NoSuchKey", "404", "NotFound"}


class S3Storage:
    """Keys are `<prefix><sha256>`. Connects at first use; without keys, boto3 finds the role of the machine or pod."""

    def __init__(
        self, bucket: str, *, endpoint: str, region: str, access_key: str, secret_key: str, prefix: str = "files/"
    ) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._options = {
            "endpoint_url": endpoint or None,
            "region_name": region,
            "aws_access_key_id": access_key or None,
            "aws_secret_access_key": secret_key or None,
        }

    @cached_property
    def _client(self) -> Any:
        config = Config(
            connect_timeout=3,
            read_timeout=30,
            retries={"mode": "standard", "max_attempts": 3},
            # What all compatible storages know; a content is checked by its SHA-256 before it gets here.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if self._options["endpoint_url"] else "auto"},
        )
        return boto3.session.Session().client("s3", config=config, **self._options)

    def put(self, content: Spooled) -> None:
        name = self._name(content.sha256)
        try:
            if self._size(name) == content.size:
                return
            # From its path, because the transfer closes what it is given.
            self._client.upload_file(str(content.path), self._bucket, name, Config=_TRANSFER)
            if self._size(name) != content.size:
                raise StorageUnavailable
        except (BotoCoreError, ClientError, OSError, boto3.exceptions.Boto3Error) as error:
            raise StorageUnavailable from error

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        if length == 0:
            return iter(())
        last = "" if length is None else start + length - 1
        wanted = {"Range": f"bytes={start}-{last}"} if start or length is not None else {}
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._name(key), **wanted)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _MISSING:
                raise BlobMissing(key) from error
            raise StorageUnavailable from error
        except BotoCoreError as error:
            raise StorageUnavailable from error
        return _pieces(answer["Body"])

    def remove(self, key: str) -> None:
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))
        except (BotoCoreError, ClientError) as error:
            raise StorageUnavailable from error

    def _size(self, name: str) -> int | None:
        try:
            return int(self._client.head_object(Bucket=self._bucket, Key=name)["ContentLength"])
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _MISSING:
                return None
            raise

    def _name(self, key: str) -> str:
        return self._prefix + checked(key)


def _pieces(body: Any) -> Iterator[bytes]:
    try:
        yield from body.iter_chunks(CHUNK)
    finally:
        body.close()
