"""What the demo prints when it is ready: where it is, how to log in, and four commands to try."""

import time
from typing import Any
from urllib.request import Request, urlopen

import orjson

from embedded.settings import CannotStart

USERNAME = "admin@example.test"
_TIMEOUT = 5
_PATIENCE = 20.0

TEXT = """\

  Atrium is ready ({seconds:.1f} s){first}

    REST     {url}/api         docs {url}/api/docs
    login    {username}   password {password}
    data     {folder}  (kept; `make demo-reset` clears it; log in atrium.log)

  Try it, in another terminal:

TOKEN=$(curl -s {url}/api/sessions -H 'Content-Type: application/json' -d '{login}' | {python})
curl -s '{url}/api/customers?q={word}&limit=3' -H "Authorization: Bearer $TOKEN"
curl -s {url}/api/customers/{customer}/overview -H "Authorization: Bearer $TOKEN"
curl -s -X PATCH {url}/api/customers/{customer}/portal-settings -H "Authorization: Bearer $TOKEN" \
-H "If-Match: $({etag})" -H 'Content-Type: application/json' -d '{change}'

  This is for a first look and for development, not for load. Ctrl-C stops it.
"""


def greeting(url: str, password: str, folder: str, began: float, *, first: bool) -> str:
    """The text, with a real customer in its commands; `began` is when the start began, by `time.monotonic`. Raises
    CannotStart where no customer can be shown."""
    customer = _some_customer(url, password)
    etag = (
        f"curl -s -I {url}/api/customers/{customer['id']}/portal-settings"
        " -H \"Authorization: Bearer $TOKEN\" | sed -n 's/^etag: //Ip' | tr -d '\\r'"
    )
    return TEXT.format(
        seconds=time.monotonic() - began,
        first=", with a fresh set of customers" if first else "",
        url=url,
        username=USERNAME,
        password=password,
        folder=folder,
        login=orjson.dumps({"username": USERNAME, "password": password}).decode(),
        python="python3 -c 'import json, sys; print(json.load(sys.stdin)[\"access_token\"])'",
        word=customer["name"].split()[0].lower()[:5],
        customer=customer["id"],
        etag=etag,
        change='{"settings": {"allow_preorders": "on"}}',
    )


def _some_customer(url: str, password: str) -> dict[str, Any]:
    """The first business in the directory; waits until the read models have one."""
    login = orjson.dumps({"username": USERNAME, "password": password})
    headers = {"Content-Type": "application/json"}
    token = _ask(f"{url}/api/sessions", headers, login)["access_token"]
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        found = _ask(f"{url}/api/customers?filter=kind:business&limit=1", {"Authorization": f"Bearer {token}"})
        if found["items"]:
            return dict(found["items"][0])
        time.sleep(0.05)
    raise CannotStart("The directory stays empty; see atrium.log in the demo's folder.")


def _ask(url: str, headers: dict[str, str], body: bytes | None = None) -> Any:
    with urlopen(Request(url, body, headers), timeout=_TIMEOUT) as answer:  # noqa: S310  # our own address
        return orjson.loads(answer.read())
