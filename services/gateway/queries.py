"""Composed views: one answer made of several services' answers, without the part whose service does not answer."""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from common.errors import Refusal
from gateway.clients.upstream import Upstream
from gateway.errors import AccountGone, NoSuchAccount, NoSuchExport, ServiceUnavailable

_PATIENCE = 3.0
_MOST_CUSTOMERS = 200

# What a permission opens only where the customer's switch is on, too.
_SWITCH_OF = {"documents.view": "billing_enabled"}


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


def explanation(
    upstreams: Mapping[str, Upstream], headers: Mapping[str, str], asked: Mapping[str, str]
) -> dict[str, Any]:
    """Why an account may do something or not: identity's rules, and the switch that the permission depends on at a
    customer. Raises NoSuchAccount, and ServiceUnavailable where identity is down."""
    explained: dict[str, Any] | None = _read(
        upstreams["identity"], f"/internal/access/explain?{urlencode(asked)}", headers
    )
    if explained is None:
        raise NoSuchAccount("There is no such account.")
    unavailable: list[str] = []
    customer_id, switch = asked.get("customer_id"), _SWITCH_OF.get(asked["permission"])
    if customer_id and switch:
        try:
            explained["rules"] += _switch_rules(upstreams["portal-settings"], headers, customer_id, switch)
        except Refusal:
            unavailable.append("portal-settings")
    allowed = all(rule["passed"] for rule in explained["rules"]) and not unavailable
    return explained | {"allowed": allowed, "unavailable": unavailable}


def _switch_rules(
    upstream: Upstream, headers: Mapping[str, str], customer_id: str, switch: str
) -> list[dict[str, Any]]:
    found = _read(upstream, f"/internal/effective-switches?customer_ids={customer_id}", headers)
    return [
        {
            "rule": "switch_on",
            "passed": state["active"],
            "detail": f"The portal switch {switch} is {state['effective']} (from: {state['source']})"
            + (f", and does nothing: {state['inert_reason']}." if state["inert_reason"] else "."),
        }
        for item in (found["items"] if found else ())
        for state in [item["switches"][switch]]
    ]


def privacy_export(upstreams: Mapping[str, Upstream], headers: Mapping[str, str], request_id: str) -> dict[str, Any]:
    """What every service that keeps originals knows of the subject of an export: `{request, services: {name: part},
    unavailable}`; raises NoSuchExport, and ServiceUnavailable where the customers' service is down."""
    own = _read(upstreams["customer"], f"/internal/privacy-requests/{request_id}/export", headers)
    if own is None:
        raise NoSuchExport("There is no such privacy request, or it is none to give out data.")
    asked = own.pop("request")
    services = {"customer": own}
    unavailable: list[str] = []
    contact = f"&contact_id={asked['subject_id']}" if asked["subject_type"] == "contact" else ""
    try:
        path = f"/internal/privacy-exports?customer_id={asked['customer_id']}{contact}"
        services["identity"] = _read(upstreams["identity"], path, headers)
    except Refusal:
        unavailable.append("identity")
    return {"request": asked, "services": services, "unavailable": unavailable}


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
