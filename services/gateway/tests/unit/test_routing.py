"""A public path leads to the service that declares it, and to nothing else."""

import pytest

from gateway.routing import Route, Router, RoutesClash, routes_of

ROUTER = Router(
    [
        Route("GET", "/customers", "overview"),
        Route("POST", "/customers", "customer"),
        Route("GET", "/customers/facets", "overview"),
        Route("GET", "/customers/{customer_id}", "customer"),
        Route("GET", "/customers/{id}/overview", "overview"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "service"),
    [
        ("GET", "/customers", "overview"),
        ("POST", "/customers", "customer"),
        ("GET", "/customers/", "overview"),
        ("GET", "/customers/facets", "overview"),
        ("GET", "/customers/7", "customer"),
        ("GET", "/customers/7/overview", "overview"),
        ("GET", "/customers/facets/overview", "overview"),
    ],
)
def test_a_path_leads_to_the_service_that_declares_it(method: str, path: str, service: str) -> None:
    route, _ = ROUTER.match(method, path)

    assert route is not None
    assert route.service == service


def test_an_unknown_path_has_no_methods() -> None:
    assert ROUTER.match("GET", "/orders") == (None, frozenset())
    assert ROUTER.match("GET", "/customers/7/8/9") == (None, frozenset())
    assert ROUTER.match("GET", "/") == (None, frozenset())


def test_another_method_of_a_known_path_names_the_methods_it_has() -> None:
    assert ROUTER.match("DELETE", "/customers") == (None, frozenset({"GET", "POST"}))


def test_two_services_cannot_claim_the_same_operation() -> None:
    with pytest.raises(RoutesClash, match="customer and by overview"):
        Router([Route("GET", "/customers/{a}", "customer"), Route("GET", "/customers/{b}", "overview")])


def shared(service: str, *values: str, by: str = "field") -> Route:
    return Route("POST", "/imports", service, dispatch={"by": by}, owners=((service, values),))


def test_a_shared_operation_has_all_its_owners() -> None:
    router = Router([shared("customer", "customers"), shared("ordering", "listings"), shared("warehouse", "stock")])

    route, _ = router.match("POST", "/imports")

    assert route is not None
    assert route.owners == (("customer", ("customers",)), ("ordering", ("listings",)), ("warehouse", ("stock",)))


@pytest.mark.parametrize(
    "other",
    [
        Route("POST", "/imports", "ordering"),
        shared("ordering", "listings", by="turn"),
        shared("ordering", "listings", "customers"),
    ],
)
def test_who_shares_an_operation_declares_the_same_way_and_values_of_its_own(other: Route) -> None:
    with pytest.raises(RoutesClash, match="ordering"):
        Router([shared("customer", "customers"), other])


def test_only_public_operations_become_routes() -> None:
    document = {
        "paths": {
            "/sessions": {"post": {"x-public": True, "security": []}},
            "/imports": {"post": {"x-public": True, "requestBody": {"content": {"multipart/form-data": {}}}}},
            "/internal/me": {"get": {"x-public": False}},
            "/healthz": {"get": {}},
        }
    }

    routes = {route.path: route for route in routes_of("identity", document)}

    assert set(routes) == {"/sessions", "/imports"}
    assert routes["/sessions"].anonymous
    assert routes["/imports"].upload
    assert not routes["/imports"].anonymous
