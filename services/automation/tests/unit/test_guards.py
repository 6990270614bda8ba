"""What stops rules that trigger each other, and what does not."""

import pytest

from automation.domain.guards import CHAIN_DEPTH, REPEATED, link, run_of, stops, told


def linked(*rules: str) -> list[dict[str, str]]:
    return [
        link(
            {
                "id": f"run {rule}",
                "rule_id": rule,
                "rule_name": rule,
                "event_type": "t",
                "subject": "s",
                "customer_id": None,
            }
        )
        for rule in rules
    ]


@pytest.mark.parametrize(
    ("chain", "depth", "expected"),
    [
        ((), 1, None),
        (("b",), 2, None),
        (("a",), 2, REPEATED),
        (("a", "b"), 3, REPEATED),
        (("b", "c", "d", "e"), 5, None),
        (("b", "c", "d", "e", "f"), 6, CHAIN_DEPTH),
        ((), 6, CHAIN_DEPTH),
        (("a",), 6, REPEATED),
    ],
    ids=["first", "after another", "after itself", "in a circle", "as deep as may be", "deeper", "far away", "both"],
)
def test_a_rule_is_stopped_in_a_circle_and_too_deep(chain: tuple[str, ...], depth: int, expected: str | None) -> None:
    assert stops("a", linked(*chain), depth, 5) == expected


def test_the_sentence_names_the_way_and_what_to_do() -> None:
    said = told(REPEATED, "A", linked("A", "B"), 5)
    assert "“A” → “B” → “A”" in said
    assert "made_by_rule is false" in said
    assert "more than 5 events" in told(CHAIN_DEPTH, "A", linked("B"), 5)


@pytest.mark.parametrize(("actor", "run"), [("automation:r1", "r1"), ("staff:r1", None), ("system:atrium", None)])
def test_only_what_a_run_did_leads_back_to_it(actor: str, run: str | None) -> None:
    assert run_of(actor) == run
