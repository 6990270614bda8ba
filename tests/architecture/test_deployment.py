"""What Compose and Kubernetes give each service: its own database and nothing of another one's."""

import re

import pytest
import yaml

from inventory import ROOT, Package, packages

SERVICES = packages()
each_service = pytest.mark.parametrize("package", SERVICES, ids=lambda package: package.name)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
DATABASE_VARIABLES = ("DATABASE_URL", "MIGRATION_DATABASE_URL")


def roles_of(package: Package) -> dict[str, dict[str, object]]:
    return {name: block for name, block in COMPOSE.items() if _service(name) == package.name}


def _service(role: str) -> str:
    return re.sub(r"-(?:api|worker|migrate|provision|declare|seed|stream)$", "", role)


@each_service
def test_compose_runs_every_role_of_a_service(package: Package) -> None:
    wanted = {f"{package.name}-api"}
    if package.has_database:
        wanted |= {f"{package.name}-worker", f"{package.name}-migrate"}
    assert wanted - set(roles_of(package)) == set()


@each_service
def test_compose_gives_a_service_only_its_own_database(package: Package) -> None:
    for role, block in roles_of(package).items():
        environment = block.get("environment", {})
        for name in DATABASE_VARIABLES:
            if name in environment:
                assert environment[name].partition("?")[0].endswith(f"/{package.module}"), role
                assert f"//{package.module}_" in environment[name], role


@each_service
def test_only_a_job_knows_the_owner_of_the_tables(package: Package) -> None:
    for role, block in roles_of(package).items():
        if role.endswith(("-migrate", "-provision")):
            continue
        environment = block.get("environment", {})
        assert not {"MIGRATION_DATABASE_URL", "ADMIN_DATABASE_URL", "OWNER_PASSWORD"} & set(environment), role


@each_service
def test_kubernetes_has_a_folder_for_every_service_in_every_overlay(package: Package) -> None:
    assert (ROOT / "deploy/k8s/base" / package.name / "kustomization.yaml").is_file()
    base = yaml.safe_load((ROOT / "deploy/k8s/base/kustomization.yaml").read_text())
    assert package.name in base["resources"]


@each_service
def test_every_setting_is_documented(package: Package) -> None:
    documented = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {setting.name for setting in package.settings} - documented == set()
