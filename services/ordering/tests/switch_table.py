"""What a switch that goes off does to an order at each status, by the rules' table of switches."""

# What happens at each status while every switch is on: the next step of the order.
USUAL = {
    "draft": "confirmed",  # submitted, and confirmed by itself once the warehouse has answered
    "pending_approval": "confirmed",  # approved, and confirmed by itself
    "pending_confirmation": "confirmed",
    "confirmed": "completed",
    "cancelling": "cancelled",
    "completed": "ordering.order_status",
    "rejected": "ordering.order_status",
    "cancelled": "ordering.order_status",
    "expired": "ordering.order_status",
}
# The cells of the table that differ from it. A confirmation by itself is decided by what was set at the submission, a
# pre-order needs the warehouse switch too, and every other cell must have no effect.
CELLS = {
    ("order_authorization", "draft"): "ordering.order_authorization_disabled",
    ("order_authorization", "pending_approval"): "on hold: order_authorization_disabled",
    ("inherit_global_marketplace", "pending_approval"): "on hold: delisted",
    ("internal_inventory_enabled", "pending_approval"): "on hold: delisted",
    ("auto_confirm_orders", "draft"): "pending_confirmation",
    ("inherit_global_marketplace", "draft"): "ordering.lines_unavailable",
    ("allow_preorders", "draft"): "ordering.preorders_disabled",
    ("warehouse_enabled", "draft"): "ordering.preorders_disabled",
    ("internal_inventory_enabled", "draft"): "ordering.internal_inventory_disabled",
}
