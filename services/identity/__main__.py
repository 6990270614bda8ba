"""`python -m identity <role>`; `keygen` prints new keys and needs no settings."""

import base64
import os
import sys

from common.cli import main
from identity.bootstrap import build
from identity.settings import Settings
from identity.use_cases.signing import new_key_pair


def keygen() -> None:
    """Prints a signing key pair and a sealing key; the first two as PEM, the last in base64."""
    private, public = new_key_pair()
    print(f"# IDENTITY_PRIVATE_KEY\n{private}\n# IDENTITY_PUBLIC_KEY\n{public}")
    print(f"# IDENTITY_SECRET_KEY\n{base64.b64encode(os.urandom(32)).decode()}")


if __name__ == "__main__":
    if sys.argv[1:] == ["keygen"]:
        keygen()
    else:
        main("identity", Settings, build)
