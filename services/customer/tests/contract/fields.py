"""A walk through every event of custom fields, system types, installed systems and their secrets."""

from common.testing import Client

LOGIN = {"key": "login", "label": "Login", "type": "secret"}
VERSION = {"key": "version", "label": "Version", "type": "text"}


def walk(staff: Client) -> None:
    options = [{"id": "gold", "label": "Gold", "colour": "#b8860b"}]
    body = {"applies_to": "customer", "key": "walked", "label": "Walked", "type": "select", "options": options}
    field = staff.post("/custom-fields", json=body | {"facet": True, "condition": {"kinds": ["business"]}}).json
    path = f"/custom-fields/{field['id']}"
    staff.patch(path, json={"label": "Walked on", "type": "multi_select"}, version=1)
    made = staff.post("/customers", json={"name": "A", "custom_fields": {"walked": ["gold"]}}).json
    staff.delete(path, version=2)
    staff.post(f"{path}/restoration")
    kind = staff.post("/system-types", json={"name": "Walked", "fields": [LOGIN, VERSION]}).json
    path = f"/system-types/{kind['id']}"
    staff.patch(path, json={"name": "Walked on"}, version=1)
    systems = f"/customers/{made['id']}/systems"
    system = staff.post(systems, json={"type_id": kind["id"], "values": {"version": "1"}}).json
    one = f"{systems}/{system['id']}"
    staff.patch(one, json={"values": {"version": "2"}}, version=1)
    staff.put(f"{one}/secrets/login", json={"value": "secret"}, version=2)
    staff.post(f"{one}/secrets/login/reveal", json={"reason": "Ticket 4711"})
    staff.delete(one, version=3)
    staff.delete(path, version=2)
    staff.post(f"{path}/restoration")
