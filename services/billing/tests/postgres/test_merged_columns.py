"""Every column with a customer follows a merge, or says why it does not."""

from billing.use_cases.merges import PARTS, STAYS
from common.service import Service
from common.testing.merging import customer_columns
from customer_replica.merging import columns_of


def test_every_column_with_a_customer_moves_or_says_why_it_stays(service: Service) -> None:
    moving = columns_of(PARTS)
    assert moving.isdisjoint(STAYS)
    assert customer_columns(service.db) == moving | set(STAYS)
