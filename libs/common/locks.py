"""Numbers of the advisory locks that the bus takes in a service's database, so that no two purposes share one."""

import zlib

RELAY = "relay"
PRESENCE = 1000  # beside the shards of a consumer: held in common by every live worker


def lock_class(purpose: str) -> int:
    """The first key of a two-key advisory lock, a signed 32-bit number made from a purpose such as `relay` or
    `shards:overview`."""
    number = zlib.crc32(f"atrium:{purpose}".encode())
    return number - 2**32 if number >= 2**31 else number
