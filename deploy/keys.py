"""Makes the keys that a first start needs, where they are not there yet: python keys.py PRIVATE PUBLIC CUSTOMER

The arguments are folders. Identity signs access tokens with an Ed25519 key and seals second factors with 32 random
bytes (PRIVATE); everybody else needs only the public half (PUBLIC). The customer service wraps the keys of stored
logins with 32 random bytes (CUSTOMER). For production make them once and keep them where secrets are kept; see
docs/operations.md.
"""

import base64
import os
import secrets
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

SERVICE_USER = 10001


def main(private: Path, public: Path, customer: Path) -> None:
    """Writes `signing.pem` and `sealing.key` into the first folder, `verifying.pem` into the second, `secrets.key` into
    the third."""
    for folder in (private, public, customer):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
    if not (private / "signing.pem").exists():
        key = Ed25519PrivateKey.generate()
        _write(public / "verifying.pem", key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        _write(private / "sealing.key", _new_key(), secret=True)
        _write(
            private / "signing.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), secret=True
        )
    if not (customer / "secrets.key").exists():
        _write(customer / "secrets.key", _new_key(), secret=True)


def _new_key() -> bytes:
    return base64.b64encode(secrets.token_bytes(32))


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    path.write_bytes(content)
    path.chmod(0o400 if secret else 0o444)
    if os.geteuid() == 0:
        os.chown(path, SERVICE_USER, SERVICE_USER)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
