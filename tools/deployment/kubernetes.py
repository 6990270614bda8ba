"""Checks the manifests of every overlay: their schemas, what they refer to, and what a restricted namespace demands."""

import json
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from deployment import kustomize
from inventory.repository import ROOT

OVERLAYS = ROOT / "deploy" / "k8s" / "overlays"
KUBERNETES = "1.30"
# Of operators: Kubernetes' own schemas do not describe them.
OPERATORS = {"postgresql.cnpg.io", "rabbitmq.com", "keda.sh"}
# Made by an operator, or by hand; see docs/operations.md.
GIVEN_SECRETS = {
    "broker",
    "customer-secrets",
    "files",
    "identity-signing",
    "identity-verifying",
    "postgres-superuser",
}

Manifest = dict[str, Any]


def problems(overlay: Path) -> list[str]:
    """What is wrong with one overlay; empty where nothing is."""
    try:
        manifests = kustomize.build(overlay)
    except (kustomize.CannotBuild, OSError, KeyError, IndexError) as error:
        return [f"{overlay.name}: cannot be built: {error!r}"]
    found = [*_of_schemas(manifests), *_of_names(manifests), *_of_references(manifests), *_of_security(manifests)]
    return [f"{overlay.name}: {problem}" for problem in found]


def _of_schemas(manifests: list[Manifest]) -> Iterator[str]:
    for manifest in manifests:
        if manifest["apiVersion"].partition("/")[0] in OPERATORS:
            continue
        if problem := _schema_problem(json.dumps(manifest)):
            yield f"{_name(manifest)}: {problem}"


@cache  # the overlays mostly hold the same manifests
def _schema_problem(manifest: str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import kubernetes_validate.utils
    if not hasattr(kubernetes_validate.utils.schema_contents, "cache_info"):
        # It reads a megabyte of definitions again for every manifest.
        kubernetes_validate.utils.schema_contents = cache(kubernetes_validate.utils.schema_contents)
    try:
        kubernetes_validate.validate(json.loads(manifest), KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'/'.join(map(str, error.path))}: {error.message}"
    return None


def _of_names(manifests: list[Manifest]) -> Iterator[str]:
    names = [_name(manifest) for manifest in manifests]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} is there twice"


def _of_references(manifests: list[Manifest]) -> Iterator[str]:
    there = {(manifest["kind"], manifest["metadata"]["name"]) for manifest in manifests}
    there |= {("Secret", name) for name in GIVEN_SECRETS}
    # A service's secrets are named after it; only a local cluster has them beside the manifests.
    for manifest in manifests:
        service = manifest["metadata"].get("labels", {}).get("app.kubernetes.io/name", "")
        known = there | {("Secret", service), ("Secret", f"{service}-owner")}
        for kind, name in _references(manifest):
            if (kind, name) not in known:
                yield f"{_name(manifest)} refers to the {kind} {name}, which is not there"


def _references(manifest: Manifest) -> Iterator[tuple[str, str]]:
    pod = _pod(manifest)
    if "serviceAccountName" in pod:
        yield "ServiceAccount", pod["serviceAccountName"]
    for container in pod.get("containers", []):
        for source in container.get("envFrom", []):
            for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if key in source:
                    yield kind, source[key]["name"]
        for variable in container.get("env", []):
            if secret := variable.get("valueFrom", {}).get("secretKeyRef"):
                yield "Secret", secret["name"]
    if target := manifest.get("spec", {}).get("scaleTargetRef"):
        yield "Deployment", target["name"]


def _of_security(manifests: list[Manifest]) -> Iterator[str]:
    """Pod Security Standards, profile `restricted`, for every process of ours."""
    for manifest in manifests:
        pod = _pod(manifest)
        containers = [each for each in pod.get("containers", []) if each["image"].startswith("atrium/")]
        if containers and not pod.get("securityContext", {}).get("runAsNonRoot"):
            yield f"{_name(manifest)} may run as root"
        if containers and pod.get("automountServiceAccountToken") is not False:
            yield f"{_name(manifest)} is given a token of the cluster"
        for container in containers:
            context = container.get("securityContext", {})
            if context.get("allowPrivilegeEscalation") is not False or context.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{_name(manifest)}: {container['name']} may gain privileges"
            if not context.get("readOnlyRootFilesystem"):
                yield f"{_name(manifest)}: {container['name']} may write its own files"
            limits = container.get("resources", {})
            if limits.get("limits", {}).get("memory") != limits.get("requests", {}).get("memory"):
                yield f"{_name(manifest)}: {container['name']} asks for other memory than its limit"


def _pod(manifest: Manifest) -> Manifest:
    pod: Manifest = manifest.get("spec", {}).get("template", {}).get("spec", {})
    return pod


def _name(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"
