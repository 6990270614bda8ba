"""Builds kustomizations as `kubectl kustomize` does, as far as ours need it, on machines that have neither.

It knows resources, namePrefix, namespace, labels, images and patches, and refuses a field that it does not know.
"""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

_KNOWN = {"apiVersion", "kind", "resources", "namePrefix", "namespace", "labels", "images", "patches"}
_CLUSTER_WIDE = {"Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "StorageClass"}
_POD_TEMPLATES = {"Deployment", "StatefulSet", "Job"}


class CannotBuild(ValueError):
    """A kustomization asks for what this builder, or kustomize itself, cannot do."""


def build(folder: Path) -> list[Manifest]:
    """The manifests of a kustomization; raises CannotBuild, or OSError for a file that is not there."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    unknown = set(kustomization) - _KNOWN
    if unknown:
        raise CannotBuild(f"{folder}: {', '.join(sorted(unknown))}")
    manifests = [manifest for name in kustomization["resources"] for manifest in _resource(folder / name)]
    for patch in kustomization.get("patches", []):
        manifests = _patched(manifests, patch)
    _prefix(manifests, kustomization.get("namePrefix", ""))
    for labels in kustomization.get("labels", []):
        for manifest in manifests:
            _label(manifest, labels["pairs"], selectors=labels.get("includeSelectors", False))
    for image in kustomization.get("images", []):
        for manifest in manifests:
            _image(manifest, image)
    if "namespace" in kustomization:
        for manifest in manifests:
            _place(manifest, kustomization["namespace"])
    return manifests


def _resource(path: Path) -> Iterator[Manifest]:
    if path.is_dir():
        yield from build(path)
    else:
        yield from (manifest for manifest in yaml.safe_load_all(path.read_text()) if manifest)


def _prefix(manifests: list[Manifest], prefix: str) -> None:
    names = {(manifest["kind"], manifest["metadata"]["name"]) for manifest in manifests}
    for manifest in manifests:
        manifest["metadata"]["name"] = prefix + manifest["metadata"]["name"]
        for kind, holder, key in _references(manifest):
            if (kind, holder.get(key)) in names:
                holder[key] = prefix + holder[key]


def _references(manifest: Manifest) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Each (kind, object, key) by which a manifest names another one of those that ours name."""
    if pod := _pod(manifest):
        yield "ServiceAccount", pod, "serviceAccountName"
    if manifest["kind"] == "HorizontalPodAutoscaler":
        target = manifest["spec"]["scaleTargetRef"]
        yield target["kind"], target, "name"


def _label(manifest: Manifest, pairs: dict[str, str], *, selectors: bool) -> None:
    manifest["metadata"].setdefault("labels", {}).update(pairs)
    if not selectors:
        return
    spec, kind = manifest.get("spec", {}), manifest["kind"]
    if kind == "Service":
        spec.setdefault("selector", {}).update(pairs)
    if kind in {"Deployment", "StatefulSet"}:
        spec.setdefault("selector", {}).setdefault("matchLabels", {}).update(pairs)
    if kind in _POD_TEMPLATES:
        spec["template"].setdefault("metadata", {}).setdefault("labels", {}).update(pairs)
    existing = [each.get("labelSelector", {}) for each in (_pod(manifest) or {}).get("topologySpreadConstraints", [])]
    if kind == "PodDisruptionBudget":
        existing.append(spec["selector"])
    if kind == "NetworkPolicy":
        existing.append(spec["podSelector"])
        peers = [peer for rule in spec.get("ingress", []) for peer in rule.get("from", [])]
        peers += [peer for rule in spec.get("egress", []) for peer in rule.get("to", [])]
        existing += [peer["podSelector"] for peer in peers if "podSelector" in peer]
    for selector in existing:
        if "matchLabels" in selector:
            selector["matchLabels"].update(pairs)


def _image(manifest: Manifest, change: dict[str, str]) -> None:
    for container in (_pod(manifest) or {}).get("containers", []):
        name, _, tag = container["image"].partition(":")
        if name == change["name"]:
            tag = change.get("newTag", tag)
            container["image"] = change.get("newName", name) + (f":{tag}" if tag else "")


def _place(manifest: Manifest, namespace: str) -> None:
    if manifest["kind"] == "Namespace":
        manifest["metadata"]["name"] = namespace
    elif manifest["kind"] not in _CLUSTER_WIDE:
        manifest["metadata"]["namespace"] = namespace


def _pod(manifest: Manifest) -> dict[str, Any] | None:
    if manifest["kind"] not in _POD_TEMPLATES:
        return None
    pod: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return pod


def _patched(manifests: list[Manifest], patch: dict[str, Any]) -> list[Manifest]:
    content = yaml.safe_load(patch["patch"])
    target = patch["target"]
    unknown = set(target) - {"kind", "name"}
    if unknown:
        raise CannotBuild(f"a patch's target by {', '.join(sorted(unknown))}")
    chosen = [each for each in manifests if _is_target(each, target)]
    if isinstance(content, dict):
        if content.get("$patch") != "delete":
            raise CannotBuild("a patch that is neither a list of operations nor a deletion")
        return [each for each in manifests if each not in chosen]
    if not chosen:
        raise CannotBuild(f"a patch finds no {target}")
    for manifest in chosen:
        for operation in content:
            _apply(manifest, operation)
    return manifests


def _is_target(manifest: Manifest, target: dict[str, str]) -> bool:
    name: str = manifest["metadata"]["name"]
    return bool(manifest["kind"] == target["kind"]) and target.get("name", name) == name


def _apply(manifest: Manifest, operation: dict[str, Any]) -> None:
    """One operation of RFC 6902."""
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
    place: Any = manifest
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    value = copy.deepcopy(operation.get("value"))
    actions: dict[str, Callable[[], object]] = {
        "add": lambda: _add(place, last, value),
        "replace": lambda: _replace(place, last, value),
        "remove": lambda: place.pop(int(last) if isinstance(place, list) else last),
    }
    if operation["op"] not in actions:
        raise CannotBuild(f"the operation {operation['op']}")
    actions[operation["op"]]()


def _add(place: Any, key: str, value: Any) -> None:
    if isinstance(place, list):
        place.insert(len(place) if key == "-" else int(key), value)
    else:
        place[key] = value


def _replace(place: Any, key: str, value: Any) -> None:
    position: Any = int(key) if isinstance(place, list) else key
    if not isinstance(place, list) and position not in place:
        raise CannotBuild(f"there is no {key} to replace")
    place[position] = value
