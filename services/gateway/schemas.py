"""The shapes of the gateway's own answers."""

from marshmallow import fields

from common.schemas import Schema, Text


class Me(Schema):
    """The account behind the token."""

    account = fields.Dict(required=True, metadata={"description": "id, kind, username, display_name, e-mail"})
    permissions = fields.List(fields.String(), required=True)
    customers = fields.List(
        fields.Dict(), required=True, metadata={"description": "a portal account's, with its codes"}
    )
    switches = fields.Dict(required=True, metadata={"description": "customer id to its nine effective switches"})
    unavailable = fields.List(fields.String(), required=True, metadata={"description": "services that did not answer"})


class EventsFilter(Schema):
    """What `GET /events` takes."""

    customer_id = Text(metadata={"description": "only this customer's events"})
