"""Operations that several services share: whose a request is, and one list of all."""

import io
from typing import Any

import orjson
import pytest

IMPORT = "/imports/01890a5d-ac96-774b-bcce-b302099a8057"
PROBLEM = [("Content-Type", "application/problem+json")]
NOT_FOUND = ("404 Not Found", PROBLEM, b'{"code": "not_found"}')
FORBIDDEN = ("403 Forbidden", PROBLEM, b'{"code": "permission_missing"}')


def upload(gateway: Any, form: dict[str, Any]) -> Any:
    return gateway.client.post("/api/imports", data=form, token=gateway.token())


def a_file(size: int = 10) -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"x" * size), "a.csv"


def asked(gateway: Any, service: str) -> list[dict[str, Any]]:
    return [each for each in gateway.services[service].asked if each["PATH_INFO"].startswith("/imports")]


@pytest.mark.parametrize(("type_", "service"), [("listings", "ordering"), ("contacts", "customer")])
@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_form_goes_to_the_owner_of_its_type_as_it_was_sent(gateway: Any, type_: str, service: str, size: int) -> None:
    answer = upload(gateway, {"mode": "upsert", "type": type_, "file": a_file(size)})

    assert answer.status_code == 200
    [other] = {"ordering", "customer"} - {service}
    [sent] = asked(gateway, service)
    assert asked(gateway, other) == []
    assert sent["body"].count(b"x" * size) == 1
    assert len(sent["body"]) == int(sent["CONTENT_LENGTH"])
    assert b'name="mode"' in sent["body"].split(b"a.csv")[0]


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_type_behind_the_file_is_refused_and_one_in_the_address_is_enough(gateway: Any, size: int) -> None:
    part = b"--x\r\nContent-Disposition: form-data; name="
    file = part + b'"file"; filename="a.csv"\r\n\r\n' + b"x" * size
    body = file + b"\r\n" + part + b'"type"\r\n\r\nlistings\r\n--x--\r\n'
    form = {"content_type": "multipart/form-data; boundary=x", "token": gateway.token()}

    answer = gateway.client.post("/api/imports", data=body, **form)

    assert (answer.status_code, answer.json["code"]) == (422, "gateway.field_missing")
    assert answer.json["errors"][0]["pointer"] == "/type"
    assert "?type=" in answer.json["detail"]
    assert gateway.client.post("/api/imports?type=listings", data=body, **form).status_code == 200
    assert [each["body"] for each in asked(gateway, "ordering")] == [body]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"file": a_file()}, "gateway.field_missing"),
        ({"notes": "x" * 300_000, "type": "listings", "file": a_file()}, "gateway.field_missing"),
        ({"type": "spaceships", "file": a_file()}, "gateway.value_unknown"),
    ],
)
def test_a_form_of_no_known_type_reaches_nobody(gateway: Any, form: dict[str, Any], code: str) -> None:
    answer = upload(gateway, form)

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert "contacts, customers, listings" in answer.json["detail"]
    assert asked(gateway, "ordering") + asked(gateway, "customer") == []


def test_a_form_that_is_none_is_refused(gateway: Any) -> None:
    for content_type in ("application/json", "multipart/form-data", "multipart/form-data; boundary=y"):
        answer = gateway.client.post(
            "/api/imports", data=b"--x\r\nnonsense", content_type=content_type, token=gateway.token()
        )
        assert (answer.status_code, answer.json["code"]) == (422, "gateway.field_missing")


def test_the_owner_that_knows_a_thing_answers(gateway: Any) -> None:
    for known, others in (("ordering", "customer"), ("customer", "ordering")):
        gateway.services[known].replies[f"GET {IMPORT}"] = {"of": known}
        gateway.services[others].replies[f"GET {IMPORT}"] = NOT_FOUND if known == "ordering" else FORBIDDEN
        assert gateway.client.get(f"/api{IMPORT}", token=gateway.token()).json == {"of": known}


def test_a_thing_that_nobody_knows_is_not_there_unless_an_owner_is_silent(gateway: Any) -> None:
    gateway.services["customer"].replies[f"GET {IMPORT}"] = FORBIDDEN
    gateway.services["ordering"].replies[f"GET {IMPORT}"] = NOT_FOUND
    assert gateway.client.get(f"/api{IMPORT}", token=gateway.token()).status_code == 404

    gateway.services["ordering"].replies[f"GET {IMPORT}"] = FORBIDDEN
    assert gateway.client.get(f"/api{IMPORT}", token=gateway.token()).status_code == 403


def item(number: int) -> dict[str, Any]:
    return {"id": f"00000000-0000-7000-8000-{number:012}", "created_at": f"2026-01-01T00:00:{number:02}+00:00"}


def test_one_list_of_all_owners_goes_on_where_it_ended(gateway: Any) -> None:
    """The fakes page as a service does: by the same cursor, which the gateway made."""
    from common.paging import read_values

    def page_of(numbers: list[int]) -> Any:
        def page(environ: dict[str, Any]) -> Any:
            query = dict(part.split("=") for part in environ["QUERY_STRING"].split("&"))
            items = [item(number) for number in sorted(numbers, reverse=True)]
            if "cursor" in query:
                after = read_values(query["cursor"], "/imports?[]")
                items = [each for each in items if [each["created_at"], each["id"]] < after]
            shown = items[: int(query["limit"])]
            body = orjson.dumps({"items": shown, "next_cursor": "its-own" if len(items) > len(shown) else None})
            return "200 OK", [("Content-Type", "application/json")], body

        return page

    gateway.services["customer"].replies["GET /imports"] = page_of([1, 2, 5, 9])
    gateway.services["ordering"].replies["GET /imports"] = page_of([3, 4, 8])
    seen: list[str] = []
    cursor = ""
    for _ in range(4):
        answer = gateway.client.get(f"/api/imports?limit=2{cursor}", token=gateway.token())
        seen += [each["id"] for each in answer.json["items"]]
        cursor = f"&cursor={answer.json['next_cursor']}"

    assert seen == [item(number)["id"] for number in (9, 8, 5, 4, 3, 2, 1)]
    assert answer.json["next_cursor"] is None


def test_a_list_leaves_out_what_the_account_may_not_see_and_has_no_holes(gateway: Any) -> None:
    gateway.services["customer"].replies["GET /imports"] = FORBIDDEN
    gateway.services["ordering"].replies["GET /imports"] = {"items": [item(1)], "next_cursor": None}
    assert gateway.client.get("/api/imports", token=gateway.token()).json["items"] == [item(1)]

    gateway.services["ordering"].replies["GET /imports"] = ("503 Service Unavailable", PROBLEM, b"{}")
    assert gateway.client.get("/api/imports", token=gateway.token()).status_code == 503
    gateway.services["ordering"].replies["GET /imports"] = FORBIDDEN
    assert gateway.client.get("/api/imports", token=gateway.token()).status_code == 403


def test_the_description_names_what_all_owners_take(gateway: Any) -> None:
    document = gateway.client.get("/api/openapi.json").json
    assert document["paths"]["/imports"]["post"]["x-dispatch"]["values"] == ["customers", "contacts", "listings"]
