"""The shapes of the gateway's own answers."""

from marshmallow import fields

from common.schemas import Id, Schema, Text


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


class PrivacyExport(Schema):
    """What is known of a person."""

    request = fields.Dict(required=True)
    services = fields.Dict(
        required=True, metadata={"description": "per service its records and the events of its log about the person"}
    )
    unavailable = fields.List(fields.String(), required=True, metadata={"description": "services that did not answer"})


class ExplainQuery(Schema):
    """Whom, what and where to explain."""

    account_id = Id(required=True)
    permission = Text(max=80, required=True)
    customer_id = Id()


class Rule(Schema):
    """One step of a decision."""

    rule = fields.String(required=True)
    passed = fields.Boolean(required=True)
    detail = fields.String(required=True)


class Helper(Schema):
    """Somebody who can change what the account may do."""

    account_id = Id(required=True)
    display_name = fields.String(required=True)
    kind = fields.String(required=True)


class Explanation(Schema):
    """Whether access is allowed, and the chain of rules that decides it."""

    account_id = Id(required=True)
    permission = fields.String(required=True)
    customer_id = Id(required=True, allow_none=True)
    allowed = fields.Boolean(required=True)
    rules = fields.List(fields.Nested(Rule), required=True)
    helpers = fields.List(fields.Nested(Helper), required=True)
    unavailable = fields.List(fields.String(), required=True, metadata={"description": "services that did not answer"})
