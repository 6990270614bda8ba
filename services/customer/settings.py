"""What this service is told by its environment."""

import dataclasses

from common.settings import Settings as CommonSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """Besides the common settings: how numbers look, where days begin, how large an imported file may be, and how long
    deletions wait."""

    customer_number_pattern: str = ""  # regular expression of the billing system's ids; empty accepts any
    customer_number_form: str = "{}"  # how automatic numbers are written, as in `K{:05d}`
    property_number_form: str = "P{}"  # how automatic numbers of properties are written
    time_zone: str = "UTC"  # in which days begin and end, for rules such as `this month`
    import_max_bytes: int = 100_000_000
    import_chunk_rows: int = 1_000
    import_lease_seconds: int = 20  # after a worker dies, its import goes on after this long
    deletion_grace_days: int = 30  # how long a deletion can be taken back
