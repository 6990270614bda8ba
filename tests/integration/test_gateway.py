"""Through the front door of the whole product: foreign objects, ended sessions, live events."""

import re
import time
from typing import Any

import pytest

from common.ids import new_id
from common.testing import Figure, eventually
from identity.domain.permissions import PERMISSIONS

from .product import Product

ALL = sorted(PERMISSIONS)
STREET = {"line1": "1 Street", "city": "Bath", "country": "GB"}
EXEMPTION = {"kind": "resale", "reason": "Resold", "number": "R-1", "jurisdictions": ["GB"], "valid_from": "2026-01-01"}
VAT_NUMBERS = {"Own": "GB 980 7806 84", "Foreign": "GB 220 4302 31"}
RULE = {"field": "city", "op": "eq", "value": "Bath"}


@pytest.fixture(scope="module")
def staff(product: Product) -> str:
    return product.sign_in()


@pytest.fixture(scope="module")
def own_and_foreign(product: Product, staff: str) -> tuple[dict[str, str], dict[str, str]]:
    """Two customers with everything that belongs to one: ids by the name of their path parameter."""
    return _furnished(product, staff, "Own"), _furnished(product, staff, "Foreign")


def _furnished(product: Product, token: str, name: str) -> dict[str, str]:
    def post(path: str, content: dict[str, Any]) -> dict[str, Any]:
        answer = product.ask("POST", path, token, json=content)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    ids = {"group_id": post("/customer-groups", {"name": f"{name} group"})["id"]}
    content = {"kind": "business", "name": name, "group_id": ids["group_id"]}
    ids["customer_id"] = post("/customers", content)["id"]
    customer = f"/customers/{ids['customer_id']}"
    other = post("/customers", {"name": f"{name} other"})
    # What each is called in paths -> how it is made; later ones may name earlier ones.
    parts: list[tuple[str, str, dict[str, Any]]] = [
        ("contact_id", f"{customer}/contacts", {"name": f"{name} Contact"}),
        ("address_id", f"{customer}/addresses", STREET),
        ("note_id", f"{customer}/notes", {"body": f"{name} note"}),
        ("link_id", f"{customer}/links", {"type": "partner", "customer_id": other["id"]}),
        ("deal_id", f"{customer}/deals", {"name": f"{name} deal"}),
        ("tax_id", f"{customer}/tax-ids", {"country": "GB", "value": VAT_NUMBERS[name]}),
        ("exemption_id", f"{customer}/exemptions", EXEMPTION),
        ("property_id", "/properties", {"name": f"{name} House", **STREET}),
        ("assignment_id", f"{customer}/properties", {"property_id": "{property_id}", "role": "occupant"}),
        ("tag_id", "/tags", {"name": f"{name} tag"}),
        ("segment_id", "/segments", {"name": f"{name} segment", "rule": RULE}),
        ("filter_id", "/saved-filters", {"name": f"{name} filter", "rule": RULE}),
        ("type_id", "/system-types", {"name": f"{name} telephone"}),
        ("system_id", f"{customer}/systems", {"type_id": "{type_id}"}),
    ]
    for parameter, path, described in parts:
        ids[parameter] = post(path, {key: _named(value, ids) for key, value in described.items()})["id"]
    file = product.ask("POST", f"{customer}/files", token, files={"file": (f"{name}.txt", b"plain text")})
    assert file.status_code == 201, file.text
    ids["file_id"] = file.json()["id"]
    eventually(lambda: product.ask("GET", f"{customer}/access", token).status_code == 200)
    user = {"display_name": name, "username": f"{name.lower()}@example.test", "roles": ["buyer"]}
    ids["account_id"] = post(f"{customer}/users", user)["id"]
    eventually(lambda: product.ask("GET", f"{customer}/portal-settings", token).status_code == 200)
    eventually(lambda: product.ask("GET", f"{customer}/overview", token).json().get("addresses"))
    return ids


def _named(value: Any, ids: dict[str, str]) -> Any:
    return ids[value[1:-1]] if isinstance(value, str) and value[:1] == "{" else value


def test_no_operation_shows_a_foreign_object_to_a_portal_account(
    product: Product, own_and_foreign: tuple[dict[str, str], dict[str, str]], figure: Figure
) -> None:
    own, foreign = own_and_foreign
    token = product.tokens.portal({own["customer_id"]: ALL})
    tried, wrong = 0, []
    for method, path, _ in product.operations():
        names = re.findall(r"\{(\w+)\}", path)
        if not set(names) & set(foreign):
            continue
        answers = []
        for ids in (foreign, {}):
            target = re.sub(r"\{(\w+)\}", lambda match, ids=ids: ids.get(match[1]) or new_id(), path)
            answers.append(product.ask(method, target, token, json={}, headers={"If-Match": '"v1"'}))
        tried += 1
        seen, unknown = [(answer.status_code, answer.json()["code"]) for answer in answers]
        # What is nobody's row but the staff's is refused by its type; never by whether it is there.
        expected = {404} if "customer_id" in names else {403, 404}
        if seen != unknown or seen[0] not in expected:
            wrong.append(f"{method} {path}: {seen}, and {unknown} for an id that does not exist")
    assert tried > 30
    assert wrong == []
    figure("foreign objects shown to a portal token", f"0 by {tried} operations")


def test_an_own_customer_with_a_foreign_part_is_not_found(
    product: Product, own_and_foreign: tuple[dict[str, str], dict[str, str]]
) -> None:
    own, foreign = own_and_foreign
    mixed = foreign | {"customer_id": own["customer_id"]}
    token = product.tokens.portal({own["customer_id"]: ALL})
    wrong = []
    for method, path, operation in product.operations():
        names = set(re.findall(r"\{(\w+)\}", path))
        if operation.get("x-portal") and "customer_id" in names and names & (set(foreign) - {"customer_id"}):
            target = re.sub(r"\{(\w+)\}", lambda match: mixed.get(match[1]) or new_id(), path)
            answer = product.ask(method, target, token, json={}, headers={"If-Match": '"v1"'})
            if answer.status_code not in {404, 422}:
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


def test_lists_and_searches_of_a_portal_account_hold_its_own_customers_only(
    product: Product, own_and_foreign: tuple[dict[str, str], dict[str, str]]
) -> None:
    own, foreign = own_and_foreign
    token = product.tokens.portal({own["customer_id"]: ALL})
    for path in ("/customers", "/customers?q=foreign", "/search?q=foreign", "/customers/facets?facets=city"):
        answer = product.ask("GET", path, token)
        assert answer.status_code == 200, path
        assert not any(id_ in answer.text for id_ in foreign.values()), path
    assert own["customer_id"] in product.ask("GET", "/customers", token).text


def test_a_revoked_session_is_refused_everywhere_within_a_second_of_the_answer(
    product: Product, figure: Figure
) -> None:
    others = [product.another_gateway() for _ in range(2)]
    measured = []
    for _ in range(3):
        token = product.sign_in()
        assert all(product.ask("GET", "/customers", token, url=url).status_code == 200 for url in others)

        assert product.ask("DELETE", "/sessions/current", token).status_code == 204
        answered = time.monotonic()

        for url in (product.url, *others):

            def refused(url: str = url, token: str = token) -> bool:
                return product.ask("GET", "/customers", token, url=url).status_code == 401

            eventually(refused, 5, every=0.005)
        measured.append(time.monotonic() - answered)
        code = product.ask("GET", "/customers", token, url=others[0]).json()["code"]
        assert code == "gateway.session_revoked"
    assert max(measured) < 1.0, measured
    figure("a revoked session is refused by three gateways", f"{max(measured) * 1000:.0f} ms after the answer")


def test_an_api_token_acts_until_it_is_revoked(product: Product, staff: str) -> None:
    made = product.ask("POST", "/api-tokens", staff, json={"name": "export", "scopes": ["customers.view"]})
    assert made.status_code == 201, made.text
    secret = made.json()["token"]
    assert product.ask("GET", "/customers", secret).status_code == 200
    assert product.ask("POST", "/customers", secret, json={"name": "x"}).status_code == 403

    version = made.headers.get("ETag", '"v1"')
    gone = product.ask("DELETE", f"/api-tokens/{made.json()['id']}", staff, headers={"If-Match": version})

    assert gone.status_code == 204, gone.text
    eventually(lambda: product.ask("GET", "/customers", secret).status_code == 401, 2)


def test_a_change_is_told_live(product: Product, staff: str) -> None:
    url = product.another_gateway(serve_events=True)
    with product.ask("GET", "/events", staff, url=url, stream=True) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b"retry: 2000"
        customer = product.ask("POST", "/customers", staff, json={"kind": "business", "name": "Live"}).json()["id"]

        told = next(line for line in lines if line.startswith(b"data:") and customer.encode() in line)

    assert b'"type":"customer.customer.created.v1"' in told


def test_a_person_reads_what_they_just_wrote(product: Product, staff: str) -> None:
    made = product.ask("POST", "/customers", staff, json={"kind": "business", "name": "Mine at once"})

    shown = product.ask("GET", f"/customers/{made.json()['id']}/overview?after={made.headers['Event-Id']}", staff)

    assert (shown.status_code, shown.headers.get("After")) == (200, None), shown.text
    assert shown.json()["customer"]["name"] == "Mine at once"


def test_who_i_am(product: Product, staff: str) -> None:
    mine = product.ask("GET", "/me", staff).json()

    assert mine["account"]["username"] == "admin@example.test"
    assert set(ALL) >= set(mine["permissions"]) > set()
    assert mine["unavailable"] == []
