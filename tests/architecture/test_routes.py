"""Who may call what is decided where the operation is declared, with a permission that identity knows."""

import pytest

from common.web import PUBLIC, SIGNED_IN
from identity.domain.permissions import PERMISSIONS
from inventory import Package, packages

SERVICES = packages()
WITHOUT_A_TOKEN_ONLY_IN = {"identity", "gateway"}


def operations(package: Package) -> list[pytest.param]:
    return [pytest.param(each, id=f"{package.name}: {each.method} {each.path}") for each in package.operations]


ALL = [pair for package in SERVICES for pair in operations(package)]


@pytest.mark.parametrize("operation", ALL)
def test_every_operation_has_an_access_rule_that_identity_knows(operation) -> None:
    assert operation.permission in {PUBLIC, SIGNED_IN} | set(PERMISSIONS), (
        f"{operation.permission!r} is not in identity's catalogue of permissions"
    )


@pytest.mark.parametrize("package", SERVICES, ids=lambda package: package.name)
def test_only_the_way_in_needs_no_token(package: Package) -> None:
    if package.name in WITHOUT_A_TOKEN_ONLY_IN:
        return
    assert [each.path for each in package.operations if each.permission == PUBLIC] == []


@pytest.mark.parametrize("package", SERVICES, ids=lambda package: package.name)
def test_an_internal_operation_is_not_public(package: Package) -> None:
    wrong = [each.path for each in package.operations if each.path.startswith("/internal/") == each.public]
    assert wrong == [], "paths below /internal/ are declared with public=False, and no others"


@pytest.mark.parametrize("package", SERVICES, ids=lambda package: package.name)
def test_operations_of_a_service_have_names_of_their_own(package: Package) -> None:
    names = [each.name for each in package.operations]
    assert sorted(names) == sorted(set(names))


def test_public_paths_of_different_services_do_not_collide_unless_they_are_shared() -> None:
    seen: dict[tuple[str, str], tuple[str, bool]] = {}
    for package in SERVICES:
        for each in package.operations:
            if each.public:
                shares = each.dispatch is not None
                other, other_shares = seen.setdefault((each.method, each.path), (package.name, shares))
                assert other == package.name or (shares and other_shares), (
                    f"{each.method} {each.path}: {other} and {package.name}"
                )
