"""The checks of Compose and Kubernetes find what is wrong, and nothing is wrong here."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deployment import compose, kubernetes, kustomize, secrets
from inventory import ROOT

OVERLAYS = sorted(path.name for path in kubernetes.OVERLAYS.iterdir())


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    """A copy of deploy/k8s with a local cluster's secrets."""
    folder = tmp_path / "k8s"
    shutil.copytree(ROOT / "deploy" / "k8s", folder)
    secrets.write(folder / "overlays" / "local" / "secrets.yaml")
    return folder


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_overlay_is_in_order(manifests: Path, overlay: str) -> None:
    assert kubernetes.problems(manifests / "overlays" / overlay) == []


def test_compose_is_in_order() -> None:
    assert compose.problems() == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_builder_agrees_with_kustomize_where_that_is_installed(manifests: Path, overlay: str) -> None:
    programs = {"kustomize": ["kustomize", "build"], "kubectl": ["kubectl", "kustomize"]}
    for program, command in programs.items():
        if shutil.which(program):
            told = subprocess.run([*command, manifests / "overlays" / overlay], capture_output=True, check=True).stdout
            ours = kustomize.build(manifests / "overlays" / overlay)
            assert by_name(yaml.safe_load_all(told)) == by_name(ours)


def by_name(manifests) -> dict[tuple[str, str], dict]:
    return {(each["kind"], each["metadata"]["name"]): each for each in manifests}


MISTAKES = {
    "a misspelt field": ("service/web/deployment.yaml", "replicas: 2", "replica: 2"),
    "a value of the wrong type": ("service/web/deployment.yaml", "replicas: 2", "replicas: two"),
    "root": ("service/web/deployment.yaml", "runAsNonRoot: true", "runAsNonRoot: false"),
    "an unknown configuration": ("service/web/deployment.yaml", "{name: environment}", "{name: enviroment}"),
    "an unknown account": ("service/worker/deployment.yaml", "serviceAccountName: worker", "serviceAccountName: other"),
    "more memory than asked for": (
        "service/worker/deployment.yaml",
        "limits: {memory: 384Mi}",
        "limits: {memory: 1Gi}",
    ),
    "a resource that is not there": ("base/kustomization.yaml", "- customer\n", "- customers\n"),
    "a field that the builder does not know": ("base/kustomization.yaml", "namespace:", "nameSuffix: x\nnamespace:"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_manifest_is_found(manifests: Path, mistake: str) -> None:
    name, before, after = MISTAKES[mistake]
    edit(manifests / name, before, after)
    assert kubernetes.problems(manifests / "overlays" / "production") != []


COMPOSE_MISTAKES = {
    "a service that is not there": ("rabbitmq: {condition", "rabbit: {condition"),
    "an unknown condition": ("condition: service_healthy", "condition: healthy"),
    "an undeclared volume": ("volumes: [postgres-data:", "volumes: [postgresdata:"),
    "an image that holds another service": ("image: atrium/customer", "image: atrium/overview"),
    "a misspelt key": ("stop_grace_period: 30s", "stop_grace: 30s"),
}


@pytest.mark.parametrize("mistake", COMPOSE_MISTAKES)
def test_a_mistake_in_compose_is_found(tmp_path: Path, mistake: str) -> None:
    copy = tmp_path / "docker-compose.yml"
    shutil.copy(compose.FILE, copy)
    edit(copy, *COMPOSE_MISTAKES[mistake])
    assert set(compose.problems(copy)) - set(compose.problems()) != set()
