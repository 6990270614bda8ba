"""Composed views: one answer made of several services' answers, without the part whose service does not answer."""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from common.errors import Refusal
from common.tokens import Principal
from gateway.clients.upstream import Upstream
from gateway.errors import ServiceUnavailable

_PATIENCE = 3.0


def me(upstreams: Mapping[str, Upstream], principal: Principal, headers: Mapping[str, str]) -> dict[str, Any]:
    """The account behind a token and what is in force for it; raises ServiceUnavailable where identity is down."""
    account = _read(upstreams["identity"], "/internal/me", headers)
    unavailable: list[str] = []
    switches: Any = {}
    if principal.is_portal:
        try:
            switches = _read(upstreams["portal-settings"], "/internal/effective-switches", headers)
        except Refusal:
            unavailable.append("portal-settings")
    return {**account, "switches": switches, "unavailable": unavailable}


def _read(upstream: Upstream, path: str, headers: Mapping[str, str]) -> Any:
    status, content = upstream.get_json(path, headers, time.monotonic() + _PATIENCE)
    if status != HTTPStatus.OK:
        raise ServiceUnavailable(
            f"The service {upstream.service} cannot say this for the moment.", facts={"service": upstream.service}
        )
    return content
