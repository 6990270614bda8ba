"""Orders from draft to end. Approvals call back `approved` and `rejected`."""

from ordering.use_cases.orders.decisions import approved, rejected

__all__ = ["approved", "rejected"]
