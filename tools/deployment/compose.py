"""Checks docker-compose.yml without Docker: what it refers to is there, and every start waits for what it needs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from inventory.repository import ROOT

FILE = ROOT / "docker-compose.yml"
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
KEYS = {
    "build",
    "cap_drop",
    "command",
    "depends_on",
    "entrypoint",
    "environment",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "ports",
    "read_only",
    "restart",
    "security_opt",
    "stop_grace_period",
    "tmpfs",
    "user",
    "volumes",
}


def problems(path: Path = FILE) -> list[str]:
    """What is wrong with the file; empty where nothing is."""
    document = yaml.safe_load(path.read_text())
    services: dict[str, dict[str, Any]] = document["services"]
    volumes = set(document.get("volumes") or {})
    found = [problem for name, block in services.items() for problem in _of_service(name, block, services, volumes)]
    found += [f"the volume {name} is used by nobody" for name in sorted(volumes - _used_volumes(services))]
    return [f"docker-compose.yml: {problem}" for problem in found]


def _of_service(name: str, block: dict[str, Any], services: dict[str, Any], volumes: set[str]) -> list[str]:
    found = [f"{key} is no key that this file uses" for key in sorted(set(block) - KEYS)]
    found += [] if "image" in block else ["has no image"]
    for needed, how in block.get("depends_on", {}).items():
        found += _of_waiting(needed, how.get("condition"), services)
    found += _of_volumes(block, volumes)
    folder = block.get("build", {}).get("args", {}).get("SERVICE")
    if folder and not (ROOT / "services" / folder / "__main__.py").exists():
        found.append(f"there is no service {folder}")
    if folder and block["image"] != f"atrium/{folder.replace('_', '-')}":
        found.append(f"the image {block['image']} holds {folder}")
    return [f"{name}: {problem}" for problem in found]


def _of_waiting(needed: str, condition: str | None, services: dict[str, Any]) -> Iterator[str]:
    if needed not in services:
        yield f"waits for {needed}, which is not there"
    elif condition not in CONDITIONS:
        yield f"waits for {needed} in no known way: {condition}"
    elif condition == "service_healthy" and "healthcheck" not in services[needed]:
        yield f"waits for the health of {needed}, which is not checked"
    elif condition == "service_completed_successfully" and services[needed].get("restart") == "unless-stopped":
        yield f"waits for the end of {needed}, which never ends"


def _of_volumes(block: dict[str, Any], volumes: set[str]) -> Iterator[str]:
    for volume in block.get("volumes", []):
        source = volume.partition(":")[0]
        if source.startswith("./") and not (ROOT / source).exists():
            yield f"{source} is not there"
        elif not source.startswith((".", "/")) and source not in volumes:
            yield f"the volume {source} is not declared"


def _used_volumes(services: dict[str, dict[str, Any]]) -> set[str]:
    return {volume.partition(":")[0] for block in services.values() for volume in block.get("volumes", [])}
