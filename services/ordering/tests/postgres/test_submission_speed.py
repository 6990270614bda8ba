"""How many statements a submission takes, of those that reach the driver: the request's own, too."""

import threading
from typing import Any

import psycopg
import pytest

from common.service import Service
from common.testing import Client, Figure, TestTokens, client_for
from ordering.tests import companies
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import company, draft, listing

pytestmark = pytest.mark.postgres

_BESIDES = ("SET ", "NOTIFY ")  # what a new connection and the relay say, now and then


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that the test's own thread sends: threads of the process at large (pools, relays) send theirs."""
    noted: list[str] = []
    own = threading.get_ident()
    execute: Any = psycopg.Cursor.execute

    def noting(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() == own and not str(query).startswith(_BESIDES):
            noted.append(str(query))
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    return noted


@pytest.mark.parametrize(("by", "limited", "most"), [("staff", 0, 17), ("portal", 0, 19), ("portal", 3, 24)])
def test_a_submission_takes_few_statements_and_walks_once_however_many_lines_it_has(
    service: Service,
    staff: Client,
    tokens: TestTokens,
    sent: list[str],
    figure: Figure,
    by: str,
    limited: int,
    most: int,
) -> None:
    customer_id = company(service, auto_confirm_orders="on")
    for _ in range(limited):
        companies.limit(service, customer_id)
    caller = client_for(service, tokens.portal({customer_id: BUYER})) if by == "portal" else staff
    counts = []
    for lines in (1, 12):
        order = draft(staff, customer_id, *((listing(service), 1) for _ in range(lines)))
        sent.clear()
        answer = caller.post(f"/orders/{order['id']}/submission", json={})
        assert answer.status_code == 200, answer.text
        counts.append(len(sent))
        assert sum("switch_walks" in statement for statement in sent) == 1
    assert counts[0] == counts[1] <= most, "\n".join(sent)
    figure(f"statements of a submission by {by} under {limited} limits", counts[1])
