"""Whatever is done with returns and transfers, in turn or not: what is in returns is what they take up, never more than
was shipped, and every movement adds up to its balance."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client
from common.testing.figures import Figure
from warehouse.domain.returns import CONDITIONS, DISPOSITIONS, RESOLUTIONS
from warehouse.tests.sent import Sender, Sent

pytestmark = pytest.mark.postgres

STEPS = 80
PATHS = {
    "authorize": "authorization",
    "deny": "denial",
    "cancel": "cancellation",
    "arrive": "arrival",
    "receive": "receipt",
    "inspect": "inspection",
    "close": "closure",
}
REFUSED = {409, 422}


class Machine:
    """Does something at random, and counts what was done and what was refused."""

    def __init__(self, seed: int, staff: Client, sent: list[Sent], away: str) -> None:
        self.random = Random(seed)  # a test that is the same every time
        self.staff = staff
        self.sent = sent
        self.away = away
        self.returns: list[str] = []
        self.transfers: list[str] = []
        self.done = self.refused = 0

    def step(self) -> None:
        self.random.choice([self.request, *[self.handle] * 6, self.move, self.handle_move])()

    def request(self) -> None:
        lines = [one.line(self.random.randint(1, 3)) for one in self.random.sample(self.sent, 2)]
        made = self._post("/returns", {"lines": lines})
        if made:
            self.returns.append(made["id"])

    def handle(self) -> None:
        if not self.returns:
            return
        found = self.staff.get(f"/returns/{self.random.choice(self.returns)}").json
        # Mostly what can be done now, and seldom what ends it early.
        likely = [one for one in found["commands"] if one not in {"deny", "cancel"} or self.random.random() < 0.1]
        command = self.random.choice(likely if likely and self.random.random() < 0.8 else list(PATHS))
        bodies: dict[str, list[dict[str, Any]]] = {
            "authorize": [{}, {"lines": self._lines(found, "quantity_requested")}],
            "deny": [{"reason": "No"}],
            "receive": [
                {"lines": self._lines(found, "quantity_authorized", beyond=1)},
                {"lines": self._lines(found, "quantity_authorized"), "complete": True},
            ],
            "inspect": [{"lines": [self._decided(line) for line in found["lines"]]}],
        }
        self._post(f"/returns/{found['id']}/{PATHS[command]}", self.random.choice(bodies.get(command, [{}])))

    def move(self) -> None:
        places = ["MAIN", self.away]
        self.random.shuffle(places)
        line = {"sku": self.random.choice(self.sent).sku, "quantity": self.random.randint(1, 2)}
        made = self._post("/transfers", {"from": places[0], "to": places[1], "lines": [line]})
        if made:
            self.transfers.append(made["id"])

    def handle_move(self) -> None:
        if self.transfers:
            verb = self.random.choice(["approval", "dispatch", "dispatch", "receipt", "closure"])
            body = None if verb in {"approval", "dispatch"} else {}
            self._post(f"/transfers/{self.random.choice(self.transfers)}/{verb}", body)

    def _lines(self, found: Any, name: str, beyond: int = 0) -> list[dict[str, Any]]:
        return [
            {"return_line_id": line["id"], "quantity": max(1, self.random.randint(0, line[name] + beyond))}
            for line in found["lines"]
        ]

    def _decided(self, line: Any) -> dict[str, Any]:
        choose = self.random.choice
        outcomes = [
            {
                "quantity": 1,
                "condition": choose((*["A"] * 6, *CONDITIONS)),
                "disposition": choose((*["restock"] * 3, *DISPOSITIONS)),
                "resolution": choose((*["credit"] * 3, *RESOLUTIONS)),
            }
            for _ in range(max(1, min(20, line["quantity_received"])))
        ]
        return {"return_line_id": line["id"], "outcomes": outcomes}

    def _post(self, path: str, body: Any) -> Any:
        answer = self.staff.post(path, json=body)
        if answer.status_code in REFUSED:
            assert answer.json["code"].startswith("warehouse.") or answer.status_code == 422, answer.json
            self.refused += 1
            return None
        assert answer.status_code in {200, 201}, answer.json
        self.done += 1
        return answer.json


@pytest.mark.parametrize("seed", range(6))
def test_the_ledger_and_the_claims_stand_whatever_is_done(
    service: Service,
    staff: Client,
    sender: Sender,
    place: Callable[..., Any],
    sku: str,
    customer_id: str,
    figure: Figure,
    seed: int,
) -> None:
    sent = [sender.send(customer_id, f"{sku}-{number}", 3) for number in range(3)]
    machine = Machine(seed, staff, sent, place()["code"])
    for _ in range(STEPS):
        machine.step()
    assert staff.get("/operations/stock-drift").json == {"items": []}
    with service.db.transaction() as session:
        assert session.execute(_CLAIMS, {"of": f"{sku}-%"}).all() == []
        [(moved, expected)] = session.execute(_GOODS, {"of": f"{sku}-%"}).all()
    assert moved == expected
    figure(f"returns and transfers at random, {seed}", f"{machine.done} steps done, {machine.refused} refused")
    assert machine.done > STEPS / 5


def test_what_is_kept_apart_and_does_not_add_up_is_named(
    service: Service, staff: Client, receive: Callable[..., Any], sku: str
) -> None:
    balance = receive(sku, 1)
    change = text("UPDATE stock_balances SET quarantine = quarantine + :by WHERE id = :id")
    service.db.run(lambda session: session.execute(change, {"by": 1, "id": balance["id"]}))
    [row] = staff.get("/operations/stock-drift").json["items"]
    assert (row["balance_id"], row["quarantine"], row["moved_apart"]) == (balance["id"], 1, 0)
    service.db.run(lambda session: session.execute(change, {"by": -1, "id": balance["id"]}))


# Claims that are not what the lines of returns take up.
_CLAIMS = text(
    """
    SELECT c.shipment_id, c.line_id FROM return_claims c
    JOIN shipment_lines s USING (shipment_id, line_id)
    LEFT JOIN (SELECT shipment_id, line_id, sum(quantity_claimed) AS claimed FROM return_lines GROUP BY 1, 2) l
           USING (shipment_id, line_id)
    WHERE s.sku LIKE :of AND (c.claimed <> COALESCE(l.claimed, 0) OR c.claimed > s.quantity)
    """
)
# All was received and sent once: what is there, or on its way, or was lost on it, is what came back.
_GOODS = text(
    """
    SELECT (SELECT COALESCE(sum(on_hand + quarantine), 0) FROM stock_balances WHERE sku LIKE :of)
           + (SELECT COALESCE(sum(l.quantity - l.received), 0) FROM transfer_lines l
              JOIN transfers t ON t.id = l.transfer_id AND t.sent_at IS NOT NULL WHERE l.sku LIKE :of),
           (SELECT COALESCE(sum((o->>'quantity')::bigint), 0)
            FROM return_lines l, jsonb_array_elements(l.outcomes) AS o
            WHERE l.sku LIKE :of AND (o->>'disposition' = 'restock' AND o->>'condition' = 'A'
                                      OR o->>'disposition' IN ('quarantine', 'repair', 'return_to_vendor')))
    """
)
