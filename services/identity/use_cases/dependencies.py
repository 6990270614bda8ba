"""What the use cases of signing in need besides a transaction; built once by `bootstrap`."""

from dataclasses import dataclass, field

from common.clock import Clock, SystemClock
from common.sealing import Seal
from identity.use_cases.hashing import Hasher
from identity.use_cases.revocations import RevocationWatch
from identity.use_cases.signing import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Hashing, sealing and signing with this installation's keys, the time, and the watch over revocations."""

    hasher: Hasher
    seal: Seal
    signer: Signer
    watch: RevocationWatch
    clock: Clock = field(default_factory=SystemClock)
