"""The secrets of a local cluster, made once and kept out of the repository."""

import base64
import runpy
import secrets
import tempfile
from pathlib import Path
from typing import Any

import yaml

from inventory.repository import ROOT

BASE = ROOT / "deploy" / "k8s" / "base"
LOCAL = ROOT / "deploy" / "k8s" / "overlays" / "local" / "secrets.yaml"


def write(path: Path = LOCAL) -> bool:
    """Writes Secrets for every service with a database, the servers, and the keys of identity and customer; returns
    whether there was anything to do."""
    if path.exists():
        return False
    path.write_text(yaml.safe_dump_all(_manifests(), sort_keys=False))
    path.chmod(0o600)
    return True


def services_with_a_database() -> list[str]:
    """The names of the base folders that have a migrate job."""
    folders = (path.parent for path in sorted(BASE.glob("*/kustomization.yaml")))
    return [folder.name for folder in folders if "service/migrate" in (folder / "kustomization.yaml").read_text()]


def _manifests() -> list[dict[str, Any]]:
    superuser, broker = _password(), _password()
    manifests = [
        _secret("postgres-superuser", password=superuser, uri=f"postgresql://postgres:{superuser}@postgres/postgres"),
        _secret("broker", username="atrium", password=broker, RABBITMQ_URL=f"amqp://atrium:{broker}@rabbitmq:5672/%2F"),
    ]
    for name in services_with_a_database():
        manifests += _of_service(name)
    return manifests + _keys()


def _of_service(name: str) -> list[dict[str, Any]]:
    role, app, owner = name.replace("-", "_"), _password(), _password()
    return [
        _secret(name, DATABASE_URL=f"postgresql://{role}_app:{app}@postgres:5432/{role}"),
        _secret(
            f"{name}-owner",
            MIGRATION_DATABASE_URL=f"postgresql://{role}_owner:{owner}@postgres:5432/{role}",
            OWNER_PASSWORD=owner,
            APP_PASSWORD=app,
        ),
    ]


def _keys() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        private, public, customer = (Path(folder, name) for name in ("private", "public", "customer"))
        runpy.run_path(str(ROOT / "deploy" / "keys.py"))["main"](private, public, customer)
        names = {path.name: path.read_text() for path in private.iterdir()}
        return [
            _secret("identity-signing", **names),
            _secret("identity-verifying", **{"verifying.pem": (public / "verifying.pem").read_text()}),
            _secret("customer-secrets", **{"secrets.key": (customer / "secrets.key").read_text()}),
        ]


def _secret(name: str, **values: str) -> dict[str, Any]:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "Opaque", "data": data}


def _password() -> str:
    return secrets.token_urlsafe(24)
