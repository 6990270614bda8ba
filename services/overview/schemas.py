"""HTTP shapes in and out."""

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text
from overview.domain.exports import COLUMNS, FORMATS, USUAL
from overview.domain.filters import FACETS
from overview.domain.nouns import SECTIONS
from overview.queries.directory import SORTS

_AFTER = "an `Event-Id`: waits up to two seconds until that event is in the answer; if it is not, `After: pending`"


class Reading(Schema):
    """What every read takes."""

    after = Id(metadata={"description": _AFTER})


class DirectoryQuery(Reading):
    q = Text(min=0, max=200, metadata={"description": "words to find, all of them; the last one as a prefix"})
    filter = fields.List(
        Text(max=4000),
        load_default=list,
        metadata={"description": "`city:Berlin,kind:business`; repeat a field for any of several values"},
    )
    archived = fields.String(load_default="no", validate=validate.OneOf(["no", "only", "any"]))


class ListQuery(DirectoryQuery):
    sort = Text(
        max=40,
        metadata={"description": f"{', '.join(SORTS)}, with a minus for descending; with `q`, by default relevance"},
    )
    facets = Text(max=200, metadata={"description": f"facets to count as well: {', '.join(FACETS)}, cf.<key>"})


class FacetQuery(DirectoryQuery):
    facets = Text(max=200, metadata={"description": "which, with commas between; without it, all but custom fields"})


class GroupCountsQuery(Reading):
    group_id = fields.List(Id(), validate=validate.Length(1, 200), metadata={"description": "repeat it for several"})


class GroupCounts(Schema):
    """The active customers of one group."""

    group_id = Id()
    members = fields.Integer()
    delivered = fields.Integer(metadata={"description": "with a service, or with goods that are not returned"})
    not_delivered = fields.Integer(metadata={"description": "the others"})
    to_deliver = fields.Integer(metadata={"description": "with confirmed lines that are still to be delivered"})


class GroupCountsOut(Schema):
    items = fields.List(fields.Nested(GroupCounts))


class ExportWanted(Schema):
    """Which customers, of them what, and as which kind of file."""

    q = Text(min=0, max=200, load_default=None, metadata={"description": "as in the directory"})
    filter = fields.List(Text(max=4000), load_default=list, metadata={"description": "as in the directory"})
    archived = fields.String(load_default="no", validate=validate.OneOf(["no", "only", "any"]))
    sort = Text(max=40, load_default="name")
    format = fields.String(load_default="csv", validate=validate.OneOf(FORMATS))
    columns = fields.List(
        Text(max=80),
        validate=validate.Length(1, 100),
        load_default=lambda: list(USUAL),
        metadata={"description": f"any of {', '.join(COLUMNS)}, cf.<key>; the names are those that an import reads"},
    )


class SearchQuery(Reading):
    q = Text(max=200, required=True, metadata={"description": "words to find, all of them; the last one as a prefix"})


class TimelineQuery(Reading):
    kind = Text(max=40)
    actor = Text(max=100, metadata={"description": "a type (`staff`) or one actor (`staff:<id>`)"})
    field = Text(max=100, metadata={"description": "entries that changed this field"})
    subject = Id(metadata={"description": "entries about this one thing"})
    text = Text(max=100, metadata={"description": "entries that say this"})
    since = Moment(metadata={"description": "from this moment on"})
    until = Moment(metadata={"description": "before this moment"})
    scope = fields.String(load_default="self", validate=validate.OneOf(["self", "branches"]))


class ArrivalsQuery(Schema):
    after = fields.Integer(load_default=-1, validate=validate.Range(-1), metadata={"description": "-1: from now on"})
    wait = fields.Float(load_default=0.0, validate=validate.Range(0, 25), metadata={"description": "seconds at most"})
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 1000))


class GroupName(Schema):
    id = Id()
    name = fields.String(allow_none=True)


class ContactCard(Schema):
    id = Id()
    name = fields.String()
    email = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)


class CustomerItem(Schema):
    """A customer as lists show it."""

    id = Id()
    number = fields.String(allow_none=True)
    name = fields.String()
    dba_name = fields.String(allow_none=True)
    kind = fields.String()
    status = fields.String()
    city = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    group = fields.Nested(GroupName, allow_none=True)
    parent_id = Id(allow_none=True)
    supply = fields.String(metadata={"description": "delivered or not_delivered"})
    login = fields.String(metadata={"description": "state of the customer's own portal login"})
    tags = fields.List(fields.String(), metadata={"description": "their names"})
    primary_contact = fields.Nested(ContactCard, allow_none=True)
    created_at = Moment()
    updated_at = Moment()
    matched_on = fields.String(metadata={"description": "with `q`: the field of the best hit"})


class FacetValue(Schema):
    value = fields.String()
    label = fields.String()
    count = fields.Raw(metadata={"description": "exact up to 1000, then the text `1000+`"})
    selected = fields.Boolean()


class FacetsOut(Schema):
    total = fields.Raw(metadata={"description": "all that fit, exact up to 10000, then the text `10000+`"})
    facets = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FacetValue)))


class Change(Schema):
    path = fields.String()
    label = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class Party(Schema):
    type = fields.String()
    id = fields.String()
    label = fields.String()


class Via(Schema):
    service = fields.String()


class Origin(Schema):
    id = Id()
    number = fields.String(allow_none=True)
    name = fields.String()


class TimelineEntry(Schema):
    """One event in the history of a customer, with every label as it was then."""

    id = Id()
    event_id = Id()
    customer_id = Id(allow_none=True)
    occurred_at = Moment()
    recorded_at = Moment()
    kind = fields.String()
    verb = fields.String()
    actor = fields.Nested(Party)
    via = fields.Nested(Via)
    subject = fields.Nested(Party)
    changes = fields.List(fields.Nested(Change))
    text = fields.String(metadata={"description": "of notes: what somebody wrote"})
    batch_id = Id(allow_none=True)
    visibility = fields.String(metadata={"description": "internal, portal, or restricted to those with a permission"})
    origin = fields.Nested(Origin, metadata={"description": "the customer, where it is not the one asked for"})


# The sections of declared nouns: the first of each, in the order of the noun.
OfNouns = Schema.from_dict(
    {name: fields.List(fields.Dict(), allow_none=True) for name in SECTIONS}, name="SectionsOfNouns"
)


class OverviewOut(OfNouns):  # type: ignore[misc, valid-type]
    """The 360° document: one key per section."""

    customer = fields.Dict()
    contacts = fields.List(fields.Dict())
    addresses = fields.List(fields.Dict())
    portal_settings = fields.Dict(allow_none=True)
    access = fields.Dict(allow_none=True)
    documents = fields.Dict(allow_none=True)
    timeline = fields.List(fields.Nested(TimelineEntry))
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    hidden = fields.List(fields.String(), metadata={"description": "sections that the caller may not see, null"})
    hidden_because = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "of each hidden section `missing_permission` or `module_inactive`"},
    )
    sections = fields.Dict(keys=fields.String(), values=Moment(), metadata={"description": "how old each section is"})
    as_of = Moment()
    unavailable = fields.List(
        fields.String(), metadata={"description": "sections whose owner is down or behind; served as last known"}
    )


class Arrival(Schema):
    number = fields.Integer()
    event_id = Id()
    customer_id = Id(allow_none=True)
    type = fields.String()
    subject = fields.String()
    kind = fields.String()
    verb = fields.String()
    occurred_at = Moment()
    visibility = fields.String()
    needs = fields.List(fields.String(), metadata={"description": "permissions without which staff are not told"})


class ArrivalsOut(Schema):
    items = fields.List(fields.Nested(Arrival))
    next = fields.Integer(metadata={"description": "the number to ask after next"})
    lost = fields.Boolean(metadata={"description": "arrivals after the number asked for are no longer known"})
