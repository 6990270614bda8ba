"""What an order asks of approvals and purchase limits on its way."""

from ordering.use_cases.approvals import cancel_flow, open_flow
from ordering.use_cases.limits import commit, give_back, release, reserve

__all__ = ["cancel_flow", "commit", "give_back", "open_flow", "release", "reserve"]
