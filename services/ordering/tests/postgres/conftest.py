"""A company to begin with."""

import pytest

from common.service import Service
from ordering.tests.companies import company, person, staffed


@pytest.fixture
def branch(service: Service) -> dict[str, str]:
    """A branch with one approver below a head office with another one, whose role reaches down."""
    hq = company(service)
    node = company(service, parent_id=hq)
    found = {"hq": hq, "node": node}
    ann, boss = person("approver"), person("approver", subtree=True)
    staffed(service, hq, boss)
    staffed(service, node, ann, parent_id=hq)
    return found | {"ann": ann["account_id"], "boss": boss["account_id"]}
