"""Operations of moving in and out."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from common.web.call import Answer
from customer.queries import moves as queries
from customer.schemas.moves import MoveCancellation, MoveFilter, MovePreview, MoveShown, NewMoveIn, NewMoveOut
from customer.use_cases import moves

routes = Routes("Moves", "Moving in and out: seen before, planned for a day, cancelled until then.")

_IN, _OUT = "/move-ins", "/move-outs"
_ONE_IN, _ONE_OUT = f"{_IN}/<uuid:move_id>", f"{_OUT}/<uuid:move_id>"


@routes.post(_IN, permission="customers.edit", body=NewMoveIn, out=MovePreview)
def move_in(call: Call) -> Answer:
    """Moves a customer into a property, today or on a day to come.

    As occupant it takes the place of the one who is there. `dry_run` answers 200 with what would end, begin and stay.
    A move on a day to come stands in the calendar at once and takes effect on its day; until then it can be cancelled.
    """
    return _made(call, moves.move(call.session, "in", call.body))


@routes.post(_OUT, permission="customers.edit", body=NewMoveOut, out=MovePreview)
def move_out(call: Call) -> Answer:
    """Moves a customer out of a property, today or on a day to come; the mirror of moving in."""
    return _made(call, moves.move(call.session, "out", call.body))


@routes.list(_IN, permission="customers.view", query=MoveFilter, out=MoveShown)
def list_move_ins(call: Call) -> Page:
    """All moves in, by day."""
    return queries.of_kind(call.session, "in", call.query, call.cursor_scope)


@routes.list(_OUT, permission="customers.view", query=MoveFilter, out=MoveShown)
def list_move_outs(call: Call) -> Page:
    """All moves out, by day."""
    return queries.of_kind(call.session, "out", call.query, call.cursor_scope)


@routes.get(_ONE_IN, permission="customers.view", out=MoveShown)
def show_move_in(call: Call, move_id: str) -> Mapping[str, Any]:
    """One move in."""
    return queries.move(call.session, "in", move_id)


@routes.get(_ONE_OUT, permission="customers.view", out=MoveShown)
def show_move_out(call: Call, move_id: str) -> Mapping[str, Any]:
    """One move out."""
    return queries.move(call.session, "out", move_id)


@routes.post(f"{_ONE_IN}/cancellation", permission="customers.edit", body=MoveCancellation, out=MoveShown, status=200)
def cancel_move_in(call: Call, move_id: str) -> Mapping[str, Any]:
    """Cancels a planned move in: who was to leave stays, who was to come does not.

    Cancelling a cancelled move changes nothing.
    """
    moves.cancel_move(call.session, "in", move_id, call.body["reason"])
    return queries.move(call.session, "in", move_id)


@routes.post(f"{_ONE_OUT}/cancellation", permission="customers.edit", body=MoveCancellation, out=MoveShown, status=200)
def cancel_move_out(call: Call, move_id: str) -> Mapping[str, Any]:
    """Cancels a planned move out. Cancelling a cancelled move changes nothing."""
    moves.cancel_move(call.session, "out", move_id, call.body["reason"])
    return queries.move(call.session, "out", move_id)


@routes.list("/customers/<uuid:customer_id>/moves", permission="customers.view", query=MoveFilter, out=MoveShown)
def list_customer_moves(call: Call, customer_id: str) -> Page:
    """The moves of a customer, by day."""
    return queries.of_customer(call.session, customer_id, call.query, call.cursor_scope)


@routes.list("/properties/<uuid:property_id>/moves", permission="customers.view", query=MoveFilter, out=MoveShown)
def list_property_moves(call: Call, property_id: str) -> Page:
    """The moves at a property, by day."""
    return queries.of_property(call.session, property_id, call.query, call.cursor_scope)


def _made(call: Call, record: Mapping[str, Any]) -> Answer:
    return call.ok(queries.planned(record), status=200 if record["dry_run"] else 201)
