"""With services stopped one after another, the overview still answers, and says what it may no longer be current in."""

from sqlalchemy import text

from common.testing import Figure, eventually

from .product import Product


def test_the_overview_survives_the_others(product: Product, figure: Figure) -> None:
    token = product.sign_in()
    made = product.ask("POST", "/customers", token, json={"kind": "business", "name": "Still here"})
    customer = made.json()["id"]
    path = f"/customers/{customer}/overview"
    eventually(lambda: (product.ask("GET", path, token).json().get("customer") or {}).get("name") == "Still here")

    for name in ("customer", "portal-settings", "identity"):
        product.stop_service(name)
    with product.programs["overview"].service.db.transaction() as session:
        # As it is some heartbeats later.
        session.execute(text("UPDATE owners SET beat_at = now() - interval '1 minute' WHERE service <> 'overview'"))

    shown = product.ask("GET", path, token)
    assert shown.status_code == 200
    assert shown.json()["customer"]["name"] == "Still here"
    assert shown.json()["unavailable"]
    gone = product.ask("GET", f"/customers/{customer}", token)
    assert (gone.status_code, gone.json()["code"]) == (503, "gateway.service_unavailable")
    assert gone.json()["service"] == "customer"
    assert int(gone.headers["Retry-After"]) >= 1
    figure(
        "overview with customer, portal-settings and identity stopped",
        f"200 in {shown.elapsed.total_seconds() * 1000:.0f} ms",
    )
