"""A walk through every event of properties, location groups, assignments and moves."""

from common.testing import Client
from customer.tests.places import a_customer_named, a_location_group, a_property, assign, day, move


def walk(staff: Client) -> None:
    group = a_location_group(staff, "Walked")
    staff.patch(f"/location-groups/{group['id']}", json={"name": "Walked on"}, version=1)
    place, unused = a_property(staff, location_group_id=group["id"]), a_property(staff)
    one, other = a_customer_named(staff, "One"), a_customer_named(staff, "Other")
    held = assign(staff, one, place, **{"from": day(-9)}).json
    path = f"/customers/{one['id']}/properties/{held['id']}"
    staff.patch(path, json={"to": day(9), "from": day(-8), "reason": "Signed later"}, version=1)
    later = assign(staff, other, place, **{"from": day(9)}).json
    staff.delete(f"/customers/{other['id']}/properties/{later['id']}", version=1)
    invite = {"username": "other", "email": "other@example.test"}
    address = {"line1": "Kai 3", "city": "Kiel", "country": "DE"}
    services = [{"service": "Fibre 500", "note": "before noon"}]
    planned = move(
        staff, "in", other, place, date=day(5), invite=invite, bill_to=address, services_to_start=services
    ).json
    staff.post(f"/move-ins/{planned['id']}/cancellation", json={"reason": "Not signed"})
    move(staff, "in", other, place, invite=invite)
    move(staff, "out", other, place, date=day(3))
    staff.patch(f"/properties/{place['id']}", json={"location_group_id": None}, version=1)
    staff.delete(f"/location-groups/{group['id']}", version=2)
    for version, status in enumerate(("closed", "active"), start=1):
        staff.patch(f"/properties/{unused['id']}", json={"status": status}, version=version)
    staff.delete(f"/properties/{unused['id']}", version=3)
