"""After all of it, ordering and the warehouse agree about every order and every piece. The last file of its folder, so
that what the others have left behind is looked at too."""

from typing import Any

from sqlalchemy import text

from common.testing import Figure, eventually
from integration.saga import rows

from .market import FEW, Market

SIDES = ("ordering", "warehouse")
HERE = "SELECT order_id::text, state, version FROM replica_reservations"
THERE = "SELECT order_id::text, state, version FROM order_reservations WHERE version > 0"
# What stands on the lines of orders that have not been given back: allocated, waiting, shipped.
ORDERED = """
    SELECT l.id::text, l.quantity_allocated, l.quantity_backordered, l.quantity_shipped
    FROM order_lines l JOIN replica_reservations r USING (order_id)
    WHERE l.kind = 'stock' AND r.state <> 'released'
    """
PROMISED = """
    SELECT l.line_id::text, coalesce(sum(s.allocated), 0)::int, l.backordered::int, l.shipped::int
    FROM reservation_lines l JOIN order_reservations r USING (order_id) LEFT JOIN reservation_sources s USING (line_id)
    WHERE r.state <> 'released' GROUP BY l.line_id
    """
BELOW_ZERO = "SELECT sku FROM stock_balances WHERE on_hand < 0 OR on_hand < reserved + allocated"


def test_ordering_and_the_warehouse_agree_and_nothing_is_left_over(market: Market, figure: Figure) -> None:
    goods, customer = market.listing(3), market.customer()
    order = market.order(market.staff, customer, (goods, 2))
    market.ship(order)
    market.until(order, "completed", shipped=2)
    services = {name: program.service for name, program in market.product.programs.items()}
    ordering, warehouse = (services[name] for name in SIDES)

    def unheard() -> list[Any]:
        """What one side has told and the other has not handled, and what nobody has sent."""
        found = []
        for teller, reader in ((ordering, warehouse), (warehouse, ordering)) * 2:
            types = list(reader.contracts.consumed_by(reader.name))
            told = set(rows(teller, "SELECT id::text FROM outbox WHERE type = ANY (:types)", types=types))
            found += told - set(rows(reader, "SELECT event_id::text FROM inbox"))
        for service in services.values():
            found += rows(service, "SELECT id FROM outbox WHERE sent_at IS NULL")
        return found

    eventually(lambda: unheard() == [], FEW)
    for service in services.values():
        assert rows(service, "SELECT type, error FROM held") == []
    reservations = rows(ordering, HERE)
    assert sorted(reservations) == sorted(rows(warehouse, THERE))
    assert sorted(rows(ordering, ORDERED)) == sorted(rows(warehouse, PROMISED))
    assert rows(warehouse, BELOW_ZERO) == []
    # Orphans are told after ten minutes; so eleven pass.
    with ordering.db.transaction() as session:
        session.execute(text("UPDATE replica_reservations SET received_at = received_at - interval '11 minutes'"))
        session.execute(text("UPDATE orders SET updated_at = updated_at - interval '11 minutes'"))
    assert market.staff.items("/operations/orphans") == []
    assert market.staff.items("/operations/stock-drift") == []
    told = sum(rows(one, "SELECT count(*) FROM outbox")[0] for one in services.values())
    figure("edge cases through the gateway and RabbitMQ", f"{len(reservations)} reservations agree after {told} events")
    in_both, by_programs = len(market.refusals), len(market.refused_to_programs)
    figure("refusals the same at the gateway and at the service", f"{in_both} codes, {by_programs} to programs too")
