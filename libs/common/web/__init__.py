"""HTTP in: a service declares its operations, and this package turns them into a Flask application.

Around every operation: who calls and may they, the row scope, parsing, one transaction, idempotency, versions, problem
details (RFC 9457), request ids, metrics and logs. A service's `api.py` holds nothing of that.
"""

from common.web.app import create_app
from common.web.call import Call, Page
from common.web.routes import PUBLIC, SIGNED_IN, Operation, Routes

__all__ = ["PUBLIC", "SIGNED_IN", "Call", "Operation", "Page", "Routes", "create_app"]
