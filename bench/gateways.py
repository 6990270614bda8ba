"""Gateways in front of services under load."""

import base64
import os
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.stack import Server, Stack

# Limits are counted as ever; one account asks more in a benchmark than any would be allowed to.
UNLIMITED = {"RATE_PER_ACCOUNT": "1000000/second", "RATE_PER_ADDRESS": "1000000/second"}


def start_identity(stack: Stack) -> Server:
    """Identity, whom each gateway asks all the time which sessions have ended; its tokens are not used here."""
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret = base64.b64encode(os.urandom(32)).decode()
    return stack.start("identity", "api", {"IDENTITY_PRIVATE_KEY": key.decode(), "IDENTITY_SECRET_KEY": secret})


def start_gateway(stack: Stack, upstreams: Mapping[str, Server]) -> Server:
    """One gateway process in front of one process of each service."""
    addresses = " ".join(f"{service}=http://127.0.0.1:{server.port}" for service, server in upstreams.items())
    return stack.start("gateway", "api", {"UPSTREAMS": addresses, **UNLIMITED})
