"""What this service is told besides what every service is."""

import dataclasses

from common.settings import Settings as CommonSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """The keys are needed to serve and to seed; `python -m identity keygen` makes all three."""

    identity_private_key: str = ""  # PEM of the Ed25519 key that signs access tokens
    identity_secret_key: str = (
        ""  # 32 bytes in base64 that seal second factors; several by comma, the present one first
    )
    demo_password: str = ""  # of the first administrator; a random one is shown once where it is empty
