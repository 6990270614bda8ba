"""Composed views: one answer made of several services' answers, without the part whose service does not answer."""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from common.errors import Refusal
from gateway.clients.upstream import Upstream
from gateway.errors import AccountGone, ServiceUnavailable

_PATIENCE = 3.0
_MOST_CUSTOMERS = 200


def me(upstreams: Mapping[str, Upstream], headers: Mapping[str, str]) -> dict[str, Any]:
    """The account behind a token and what is in force for it; raises AccountGone, and ServiceUnavailable where identity
    is down."""
    account = _read(upstreams["identity"], "/internal/me", headers)
    if account is None:
        raise AccountGone("The account of this token is not there any more; sign in again.")
    customer_ids = [customer["id"] for customer in account["customers"][:_MOST_CUSTOMERS]]
    unavailable: list[str] = []
    switches: dict[str, Any] = {}
    if customer_ids:
        path = f"/internal/effective-switches?customer_ids={','.join(customer_ids)}"
        try:
            found = _read(upstreams["portal-settings"], path, headers)
            switches = {item["customer_id"]: item["switches"] for item in found["items"]} if found else {}
        except Refusal:
            unavailable.append("portal-settings")
    return {**account, "switches": switches, "unavailable": unavailable}


def _read(upstream: Upstream, path: str, headers: Mapping[str, str]) -> Any:
    """The content, or None where there is no such thing."""
    status, content = upstream.get_json(path, headers, time.monotonic() + _PATIENCE)
    if status == HTTPStatus.NOT_FOUND:
        return None
    if status != HTTPStatus.OK:
        raise ServiceUnavailable(
            f"The service {upstream.service} cannot say this for the moment.", facts={"service": upstream.service}
        )
    return content
