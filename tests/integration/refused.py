"""What is refused to whom: real requests for each switch, and for what goes wrong with orders (docs/edge-cases.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Refused:
    """What is asked, as `METHOD /path`, and the answer; `{…}` in texts is an id of the scene. `by` says who asks:
    somebody in the `portal` of the customer, its `approver`, `staff`, `nobody`, or somebody whose token has `expired`.
    `without` is a permission that they lack, `version` goes into If-Match, `raw` replaces the body, and `first` is
    asked before, under the same Idempotency-Key."""

    code: str
    status: int
    ask: str
    customer: str = "open"
    body: Mapping[str, Any] = field(default_factory=dict)
    by: str = "portal"
    without: str = ""
    version: str = ""
    raw: str = ""
    first: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.code} {self.by} {self.ask.replace('{', '').replace('}', '')}"


def _returned(customer: str, quantity: int) -> dict[str, Any]:
    line = {"shipment_id": f"{{{customer}.shipment}}", "line_id": f"{{{customer}.shipped_line}}"}
    return {"lines": [line | {"quantity": quantity, "reason": "not_needed"}]}


def _changed(customer: str, quantity: int) -> dict[str, Any]:
    return {"lines": [{"line_id": f"{{{customer}.line}}", "quantity": quantity}]}


def _settings(**values: str) -> dict[str, Any]:
    return {"settings": values}


_REASON = {"reason": "x"}
_ONE_MORE = {"lines": [{"listing_id": "{listing.goods}", "quantity": 1}]}
_TRANSFER = {"direction": "in", "lines": [{"sku": "goods", "quantity": 1}]}
_NAMED = {"customer_id": "{open}", "name": "A"}
_RULE = {
    "name": "Look",
    "event_type": "ordering.order.placed.v1",
    "actions": [{"kind": "create_task", "title": "Look"}],
}

OF_SWITCHES = [
    Refused("ordering.order_authorization_disabled", 403, "POST /orders/{no_ordering.goods}/submission", "no_ordering"),
    Refused(
        "ordering.order_authorization_disabled",
        403,
        "POST /orders/{no_ordering.waiting}/revisions",
        "no_ordering",
        _changed("no_ordering", 2),
    ),
    Refused("ordering.preorders_disabled", 403, "POST /orders/{no_preorders.ahead}/submission", "no_preorders"),
    Refused("ordering.preorders_disabled", 403, "POST /orders/{no_warehouse.ahead}/submission", "no_warehouse"),
    Refused(
        "ordering.preorders_disabled",
        403,
        "POST /orders/{no_preorders.waiting}/revisions",
        "no_preorders",
        _changed("no_preorders", 2),
    ),
    Refused("ordering.lines_unavailable", 422, "POST /orders/{no_market.goods}/submission", "no_market"),
    Refused("ordering.listing_not_found", 404, "GET /listings/{listing.goods}", "no_market"),
    Refused(
        "ordering.internal_inventory_disabled",
        403,
        "POST /orders/{no_inventory.internal}/submission",
        "no_inventory",
    ),
    Refused(
        "ordering.warehouse_disabled", 403, "POST /services/{no_warehouse.service}/return", "no_warehouse", _REASON
    ),
    Refused("warehouse.warehouse_disabled", 403, "GET /stock", "no_warehouse"),
    Refused("warehouse.warehouse_disabled", 403, "GET /stock/movements", "no_warehouse"),
    Refused(
        "warehouse.warehouse_disabled",
        403,
        "POST /customers/{no_warehouse}/warehouse/transfers",
        "no_warehouse",
        _TRANSFER,
    ),
    Refused("warehouse.return_by_staff", 403, "POST /returns", "no_warehouse", _returned("no_warehouse", 1)),
    Refused("warehouse.internal_inventory_disabled", 404, "GET /assets", "no_inventory"),
    Refused("warehouse.internal_inventory_disabled", 404, "GET /assets/{no_inventory.asset}", "no_inventory"),
    Refused("warehouse.internal_inventory_disabled", 404, "GET /assets/{no_inventory.asset}/history", "no_inventory"),
    Refused("warehouse.internal_inventory_disabled", 404, "GET /asset-requests", "no_inventory"),
    *(
        Refused("warehouse.internal_inventory_disabled", status, f"POST /{noun}", "no_inventory", body, by=by)
        for by, status in (("portal", 404), ("staff", 403))
        for noun, body in (
            ("assets", {"customer_id": "{no_inventory}", "name": "x"}),
            ("asset-requests", {"customer_id": "{no_inventory}", "model": "x"}),
        )
    ),
    Refused(
        "warehouse.internal_inventory_disabled", 404, "POST /assets/{no_inventory.asset}/loss", "no_inventory", _REASON
    ),
    Refused("billing.section_not_found", 404, "GET /customers/{no_billing}/charges", "no_billing"),
    Refused("billing.section_not_found", 404, "GET /customers/{no_billing}/pending-billing", "no_billing"),
    Refused(
        "billing.billing_disabled",
        409,
        "POST /customers/{no_billing}/pending-billing/decision",
        body={"decision": "bill"},
        by="staff",
        version='"v1"',
    ),
    Refused("automation.automation_disabled", 403, "POST /rules", body=_RULE | {"customer_id": "{open}"}),
    *(
        Refused(code, status, f"PATCH /customers/{{{who}}}/portal-settings", body=body, by="staff", version=version)
        for code, status, who, body, version in (
            ("portal_settings.locked", 409, "locked", _settings(billing_enabled="on"), "{locked.settings}"),
            ("portal_settings.dependent_setting", 409, "open", _settings(warehouse_enabled="off"), "{open.settings}"),
            (
                "portal_settings.licence_not_acknowledged",
                409,
                "open",
                _settings(hr_sync_enabled="on"),
                "{open.settings}",
            ),
            (
                "portal_settings.customer_archived",
                409,
                "archived",
                _settings(billing_enabled="on"),
                "{archived.settings}",
            ),
            ("portal_settings.stale", 412, "open", _settings(billing_enabled="on"), '"v99"'),
            ("if_match_required", 428, "open", _settings(billing_enabled="on"), ""),
            ("validation_failed", 422, "open", _settings(billing="on"), "{open.settings}"),
            ("portal_settings.customer_not_found", 404, "unknown", _settings(billing_enabled="on"), '"v1"'),
        )
    ),
    Refused("portal_settings.group_not_found", 404, "GET /customer-groups/{unknown}/portal-settings", by="staff"),
    Refused("staff_only", 403, "PATCH /customers/{open}/portal-settings", version='"v1"'),
]

OF_ORDERS = [
    Refused("ordering.no_lines", 422, "POST /orders", body={"customer_id": "{open}", "lines": []}),
    Refused("ordering.order_status", 409, "POST /orders/{open.cancelled}/submission"),
    Refused("ordering.order_status", 409, "POST /orders/{open.cancelled}/withdrawal"),
    Refused("ordering.order_status", 409, "POST /orders/{open.cancelled}/confirmation", by="staff"),
    Refused("ordering.staff_fields", 403, "POST /orders/{open.goods}/submission", body={"override_reason": "x"}),
    Refused("ordering.price_changed", 409, "POST /orders/{open.dearer}/submission"),
    Refused("ordering.lines_unavailable", 422, "POST /orders/{open.withdrawn}/submission"),
    Refused("ordering.listing_not_found", 404, "GET /listings/{listing.withdrawn}"),
    Refused(
        "ordering.listing_status", 409, "POST /listings/{listing.withdrawn}/publication", by="staff", version='"v3"'
    ),
    Refused("ordering.revision_changed", 409, "POST /orders/{open.goods}/submission", body={"revision": 9}),
    Refused("ordering.stale", 412, "PATCH /orders/{open.goods}", body={"note": "x"}, version='"v99"'),
    Refused("if_match_required", 428, "PATCH /orders/{open.goods}", body={"note": "x"}),
    Refused("ordering.out_of_stock", 409, "POST /orders/{open.scarce}/confirmation", by="staff"),
    Refused("ordering.on_hold", 409, "POST /orders/{approving.held_order}/confirmation", by="staff"),
    Refused("ordering.not_on_hold", 409, "POST /orders/{open.scarce}/hold-release", by="staff"),
    Refused("ordering.already_shipped", 409, "POST /orders/{open.shipped}/cancellation", body=_REASON),
    Refused("ordering.picking_started", 409, "POST /orders/{open.picked}/cancellation", body=_REASON),
    Refused(
        "ordering.line_unsuitable",
        422,
        "POST /orders/{open.shipped}/line-cancellations",
        body={"lines": [{"line_id": "{open.shipped_line}", "quantity": 9}], **_REASON},
    ),
    Refused(
        "ordering.date_not_in_question",
        409,
        "POST /orders/{no_preorders.waiting}/date-decisions",
        "no_preorders",
        {"lines": [{"line_id": "{no_preorders.line}", "decision": "accept"}]},
    ),
    Refused("ordering.limit_exceeded", 422, "POST /orders/{limited.goods}/submission", "limited"),
    Refused("ordering.po_number_required", 422, "POST /orders/{numbered.goods}/submission", "numbered"),
    Refused("ordering.po_number_unsuitable", 422, "POST /orders/{numbered.odd}/submission", "numbered"),
    Refused("ordering.po_number_used", 422, "POST /orders/{numbered.used}/submission", "numbered"),
    Refused("ordering.po_budget_exceeded", 422, "POST /orders/{numbered.spent}/submission", "numbered"),
    Refused("ordering.po_not_valid", 422, "POST /orders/{numbered.closed}/submission", "numbered"),
    Refused("ordering.customer_archived", 409, "POST /orders/{archived.goods}/submission", "archived"),
    Refused(
        "ordering.customer_archived", 409, "POST /orders", by="staff", body={"customer_id": "{archived}", **_ONE_MORE}
    ),
    Refused(
        "warehouse.customer_archived", 409, "POST /assets", by="staff", body={"customer_id": "{archived}", "name": "x"}
    ),
    Refused(
        "identity.customer_archived",
        409,
        "POST /customers/{archived}/users",
        by="staff",
        body={"display_name": "x", "username": "x@example.test", "roles": ["buyer"]},
    ),
]

OF_APPROVALS = [
    Refused(code, status, f"POST /approvals/{{{which}}}/decisions", "approving", body, by=by)
    for code, status, which, body, by in (
        ("ordering.self_approval", 403, "approving.own", {"decision": "approve", "version": 1}, "approver"),
        ("ordering.not_an_approver", 403, "approving.pending", {"decision": "approve", "version": 1}, "portal"),
        ("ordering.approval_ended", 409, "approving.ended", {"decision": "approve", "version": 1}, "approver"),
        ("ordering.approval_changed", 412, "approving.pending", {"decision": "approve", "version": 9}, "approver"),
        ("ordering.reason_needed", 422, "approving.pending", {"decision": "reject", "version": 1}, "approver"),
        ("ordering.approval_not_found", 404, "unknown", {"decision": "approve", "version": 1}, "approver"),
        ("validation_failed", 422, "approving.pending", {"decision": "maybe", "version": 1}, "approver"),
    )
]

OF_GOODS = [
    Refused("warehouse.return_exceeds_shipped", 409, "POST /returns", body=_returned("open", 99)),
    Refused("warehouse.return_exceeds_shipped", 409, "POST /returns", body=_returned("open", 1)),
    Refused("warehouse.return_state", 409, "POST /returns/{open.return}/denial", body=_REASON, by="staff"),
    Refused("warehouse.stale", 412, "PATCH /assets/{open.asset}", body={"name": "x"}, version='"v99"'),
    Refused("warehouse.asset_state", 409, "POST /assets/{open.asset}/recovery"),
    Refused("warehouse.asset_goes_nowhere", 422, "POST /assets/{open.asset}/check-out"),
    Refused("warehouse.shipment_state", 409, "POST /shipments/{open.shipment}/picking", by="staff"),
]

UNKNOWN = [
    Refused(code, 404, f"GET /{noun}/{{unknown}}", by=by)
    for by, codes in {
        "portal": {
            "orders": "ordering.order_not_found",
            "carts": "ordering.cart_not_found",
            "saved-lists": "ordering.saved_list_not_found",
            "listings": "ordering.listing_not_found",
            "bundles": "ordering.bundle_not_found",
            "quotes": "ordering.quote_not_found",
            "services": "ordering.service_not_found",
            "standing-orders": "ordering.standing_order_not_found",
            "approvals": "ordering.approval_not_found",
            "approval-rules": "ordering.approval_rule_not_found",
            "po-rules": "ordering.po_rule_not_found",
            "purchase-orders": "ordering.purchase_order_not_found",
            "purchase-limits": "ordering.purchase_limit_not_found",
            "cost-centres": "ordering.cost_centre_not_found",
            "returns": "warehouse.return_not_found",
            "shipments": "warehouse.shipment_not_found",
            "claims": "warehouse.claim_not_found",
            "transfers": "warehouse.transfer_not_found",
            "assets": "warehouse.asset_not_found",
            "asset-requests": "warehouse.asset_request_not_found",
            "rules": "automation.rule_not_found",
            "runs": "automation.run_not_found",
            "automation/tasks": "automation.task_not_found",
        },
        "staff": {
            "contracts": "ordering.contract_not_found",
            "price-lists": "ordering.price_list_not_found",
            "warehouses": "warehouse.not_found",
            "inbound-supplies": "warehouse.supply_not_found",
            "accounts": "identity.account_not_found",
            "api-tokens": "identity.api_token_not_found",
            "roles": "identity.role_not_found",
            "custom-fields": "customer.custom_field_not_found",
            "customer-groups": "customer.group_not_found",
            "location-groups": "customer.location_group_not_found",
            "move-outs": "customer.move_not_found",
            "privacy-requests": "customer.privacy_request_not_found",
            "saved-filters": "customer.saved_filter_not_found",
            "segments": "customer.segment_not_found",
            "system-types": "customer.system_type_not_found",
            "tags": "customer.tag_not_found",
        },
    }.items()
    for noun, code in codes.items()
]

OF_CALLERS = [
    Refused(
        "ordering.lines_unavailable", 422, "POST /quotes", "no_market", {"customer_id": "{no_market}", **_ONE_MORE}
    ),
    Refused("ordering.order_not_found", 404, "POST /orders/{no_market.goods}/submission"),
    Refused("ordering.approval_not_found", 404, "GET /approvals/{approving.pending}"),
    Refused("ordering.service_not_found", 404, "GET /services/{no_warehouse.service}"),
    Refused("warehouse.shipment_not_found", 404, "GET /shipments/{no_warehouse.shipment}"),
    Refused("warehouse.asset_not_found", 404, "GET /assets/{no_inventory.asset}"),
    Refused("warehouse.shipped_line_unknown", 422, "POST /returns", "approving", _returned("open", 1)),
    Refused("customer.not_found", 404, "GET /customers/{no_market}/services"),
    Refused("permission_missing", 403, "POST /orders/{open.goods}/submission", without="orders.place"),
    Refused("permission_missing", 403, "GET /assets", without="assets.view"),
    Refused("staff_only", 403, "POST /orders/{open.goods}/confirmation"),
    Refused("staff_only", 403, "POST /stock/receipts"),
    *(
        Refused("token_refused", 401, ask, by=by)
        for by in ("nobody", "expired")
        for ask in ("GET /orders/{open.goods}", "POST /returns", "GET /customers/{open}/portal-settings")
    ),
    Refused("json_malformed", 400, "POST /orders", raw='{"customer_id": '),
    Refused("validation_failed", 422, "POST /orders", body={"customer_id": 1, "colour": "red"}),
    Refused("validation_failed", 422, "GET /returns?limit=0"),
    Refused("cursor_invalid", 400, "GET /orders?cursor=x"),
    Refused("idempotency_key_reused", 409, "POST /carts", first=_NAMED, body=_NAMED | {"name": "B"}),
    Refused("idempotency_key_reused", 409, "POST /carts", first=_NAMED, body=_NAMED | {"name": "B"}, by="staff"),
]

# What only a customer's own people are refused; everything else that they are, the provider's staff is too.
_OF_THE_PORTAL = {
    "ordering.order_authorization_disabled",
    "ordering.preorders_disabled",
    "ordering.internal_inventory_disabled",
    "ordering.warehouse_disabled",
    "ordering.listing_not_found",
    "ordering.staff_fields",
    "ordering.already_shipped",
    "ordering.picking_started",
    "warehouse.warehouse_disabled",
    "warehouse.return_by_staff",
    "warehouse.internal_inventory_disabled",
    "billing.section_not_found",
    "staff_only",
}
_ASKED = [*OF_SWITCHES, *OF_ORDERS, *OF_GOODS, *UNKNOWN]
_BY_STAFF_TOO = [replace(one, by="staff") for one in _ASKED if one.by == "portal" and one.code not in _OF_THE_PORTAL]

REFUSALS = [*_ASKED, *_BY_STAFF_TOO, *OF_APPROVALS, *OF_CALLERS]
