"""The shapes of tax ids and certificates."""

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.limits import LENGTHS, MAX_JURISDICTIONS
from customer.domain.taxes import CHECK_OUTCOMES, CHECK_STATES, EXEMPTION_KINDS, EXEMPTION_STATES


class TaxIdChanges(Schema):
    """Fields of a tax id to correct; its register is unchecked afterwards."""

    country = Text(min=2, max=2, metadata={"description": "ISO 3166-1 alpha-2", "example": "DE"})
    scheme = Text(max=LENGTHS["tax_scheme"], metadata={"description": "a kind of `/tax-id-schemes`", "example": "vat"})
    value = Text(max=LENGTHS["tax_value"], metadata={"example": "DE 136 695 976"})


class NewTaxId(TaxIdChanges):
    """A tax id; without a scheme it is the VAT number, or what the country has in its place."""

    country = Text(min=2, max=2, required=True, metadata={"description": "ISO 3166-1 alpha-2", "example": "DE"})
    value = Text(max=LENGTHS["tax_value"], required=True, metadata={"example": "DE 136 695 976"})


class RegisterCheck(Schema):
    """What the register said when it was asked."""

    state = one_of(*CHECK_OUTCOMES, required=True)
    evidence = Text(
        max=LENGTHS["evidence"],
        required=True,
        metadata={"description": "what it answered, or why it could not", "example": "VIES, request WAPIAAAAX1"},
    )
    checked_at = Moment(metadata={"description": "now where it is left out"})


class CheckOut(Schema):
    """The last check in the register."""

    state = one_of(*CHECK_STATES)
    checked_at = Moment(allow_none=True)
    last_valid_at = Moment(allow_none=True, metadata={"description": "when the register last said that it is valid"})
    evidence = fields.String(allow_none=True, metadata={"description": "for staff only"})


class TaxIdOut(Schema):
    """A tax id as it is stored."""

    id = Id()
    customer_id = Id()
    country = fields.String()
    scheme = fields.String()
    value = fields.String(metadata={"description": "without prefix and separators, as it is compared"})
    written = fields.String(metadata={"description": "as people write it", "example": "DE136695976"})
    check = fields.Nested(CheckOut)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class SchemeFilters(Schema):
    """Of which country."""

    country = Text(min=2, max=2, required=True, metadata={"description": "ISO 3166-1 alpha-2", "example": "DE"})


class SchemeOut(Schema):
    """A kind of tax ids."""

    country = fields.String()
    code = fields.String()
    name = fields.String()


class SchemesOut(Schema):
    """The kinds of tax ids of a country."""

    items = fields.List(fields.Nested(SchemeOut))


def _jurisdiction() -> Text:
    return Text(
        min=2,
        max=6,
        validate=validate.Regexp(r"^[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?$", error="Write a jurisdiction as DE or US-NY."),
    )


class ExemptionChanges(Schema):
    """Fields of a certificate to change. What was verified must be verified again."""

    kind = one_of(*EXEMPTION_KINDS)
    reason = Text(max=LENGTHS["certificate_reason"], metadata={"example": "Non-profit organisation"})
    number = Text(max=LENGTHS["certificate_number"])
    jurisdictions = fields.List(
        _jurisdiction(),
        validate=validate.Length(min=1, max=MAX_JURISDICTIONS),
        metadata={"description": "countries (ISO 3166-1), or parts of them (3166-2)", "example": ["US-NY", "US-ME"]},
    )
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True, metadata={"description": "the last day"})
    file_id = Id(allow_none=True, metadata={"description": "the certificate as a file"})
    verified = Flag(metadata={"description": "the caller has looked at the certificate, and it is good"})


class NewExemption(ExemptionChanges):
    """A certificate; it frees from tax once somebody has verified it."""

    kind = one_of(*EXEMPTION_KINDS, required=True)
    reason = Text(max=LENGTHS["certificate_reason"], required=True)
    number = Text(max=LENGTHS["certificate_number"], required=True)
    jurisdictions = fields.List(
        _jurisdiction(),
        required=True,
        validate=validate.Length(min=1, max=MAX_JURISDICTIONS),
        metadata={"description": "countries (ISO 3166-1), or parts of them (3166-2)", "example": ["US-NY", "US-ME"]},
    )
    valid_from = fields.Date(required=True)


class Verifier(Schema):
    """Who verified a certificate, and when."""

    id = fields.String()
    label = fields.String()
    at = Moment()


class ExemptionOut(Schema):
    """A certificate as it is stored, with its state on the day that is asked about."""

    id = Id()
    customer_id = Id()
    kind = one_of(*EXEMPTION_KINDS)
    reason = fields.String()
    number = fields.String()
    jurisdictions = fields.List(fields.String())
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True)
    state = one_of(*EXEMPTION_STATES)
    file_id = Id(allow_none=True)
    verified = fields.Boolean()
    verified_by = fields.Nested(Verifier, allow_none=True, metadata={"description": "for staff only"})
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class DecisionQuestion(Schema):
    """Where and when a certificate is needed."""

    jurisdiction = Text(
        min=2,
        max=6,
        required=True,
        validate=validate.Regexp(r"^[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?$", error="Write a jurisdiction as DE or US-NY."),
        metadata={"example": "US-NY"},
    )
    on = fields.Date(metadata={"description": "today where it is left out"})


class DecisionOut(Schema):
    """Whether tax applies, and why."""

    exempt = fields.Boolean()
    jurisdiction = fields.String()
    on = fields.Date()
    reason = one_of("certificate", "none", "not_verified", "not_yet_valid", "expired", "other_jurisdiction")
    explanation = fields.String()
    certificate = fields.Nested(ExemptionOut, allow_none=True)
