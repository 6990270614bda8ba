"""What this service is told by its environment."""

import dataclasses
from pathlib import Path

from common.settings import Settings as CommonSettings


class Sizes(dict[str, int]):
    """Bytes by category: `backup=4000000000 site_map=500000000`."""

    def __init__(self, text: str) -> None:
        """Raises ValueError where an item is not `category=bytes`."""
        super().__init__()
        for item in text.replace(",", " ").split():
            name, _, size = item.partition("=")
            self[name] = int(size)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """Besides the common settings: how numbers look, where days begin, how large files may be and where they are kept,
    how long deletions wait, and what seals secrets."""

    customer_number_pattern: str = ""  # regular expression of the billing system's ids; empty accepts any
    customer_number_form: str = "{}"  # how automatic numbers are written, as in `K{:05d}`
    property_number_form: str = "P{}"  # how automatic numbers of properties are written
    time_zone: str = "UTC"  # in which days begin and end, for rules such as `this month`
    import_max_bytes: int = 100_000_000
    import_chunk_rows: int = 1_000
    import_lease_seconds: int = 20  # after a worker dies, its import goes on after this long
    deletion_grace_days: int = 30  # how long a deletion can be taken back
    file_max_bytes: int = 100_000_000  # of a file; UPLOAD_LIMIT of the gateway must be a little more
    file_max_bytes_of: Sizes = dataclasses.field(default_factory=lambda: Sizes(""))  # `backup=4000000000`, by category
    files_dir: Path = Path("files")  # where contents lie while there is no bucket; api and worker must both see it
    files_spool_dir: Path = Path()  # where files arrive, on disk and not in memory; below FILES_DIR if left out
    files_bucket: str = ""  # of S3-compatible storage; instead of FILES_DIR
    files_endpoint: str = ""  # of a storage other than AWS's, as `https://minio.example:9000`
    files_region: str = "us-east-1"
    files_access_key: str = ""  # empty: the role that the pod or machine has
    files_secret_key: str = ""
    customer_secrets_key: str = (
        ""  # 32 bytes in base64 that wrap the keys of stored logins; several by comma, the present one first
    )
