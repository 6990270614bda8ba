"""What is left of a timeline entry of an erased person."""

from typing import Any

from overview.domain.redaction import redacted

GONE = {"c1"}


def entry(subject: str, *changes: dict[str, Any], actor: str = "staff") -> dict[str, Any]:
    return {
        "id": "e1",
        "occurred_at": "2026-03-02T09:30:00Z",
        "actor": {"type": actor, "id": "c1", "label": "Tomas"},
        "subject": {"type": "contact", "id": subject, "label": "Tomas"},
        "changes": list(changes),
    }


def change(path: str, before: Any, after: Any, **labels: Any) -> dict[str, Any]:
    return {"path": path, "label": "Field", "before": before, "after": after} | labels


def test_an_entry_about_the_person_keeps_structure_actor_and_time() -> None:
    left = redacted(entry("c1", change("name", None, "Tomas"), change("emails", [], ["t@x"])), GONE, everything=False)
    assert left["changes"] == [change("name", None, "[erased]"), change("emails", [], "[erased]")]
    assert left["subject"] == {"type": "contact", "id": "c1", "label": "[erased]"}
    assert left["actor"]["label"] == "Tomas", "staff are not erased by a customer's request"
    assert left["occurred_at"] == "2026-03-02T09:30:00Z"


def test_another_entry_loses_only_the_labels_that_refer_to_the_person() -> None:
    moved = change("primary_contact", "c1", "c2", before_label="Tomas", after_label="Ines")
    left = redacted(entry("k1", moved, change("name", "A", "B")), GONE, everything=False)
    assert left["changes"] == [{**moved, "before_label": "[erased]"}, change("name", "A", "B")]
    assert left["subject"]["label"] == "Tomas"


def test_a_change_whose_path_names_the_person_loses_its_label_too() -> None:
    left = redacted(entry("k1", change("users/c1/username", "t@x", None)), GONE, everything=False)
    assert left["changes"] == [{"path": "users/c1/username", "label": "[erased]", "before": "[erased]", "after": None}]


def test_what_an_erased_account_did_no_longer_names_it() -> None:
    assert redacted(entry("k1", actor="portal"), GONE, everything=False)["actor"]["label"] == "[erased]"


def test_an_entry_that_says_nothing_of_the_person_is_left_alone() -> None:
    other = entry("k1", change("name", "A", "B"))
    assert redacted(other, {"c9"}, everything=False) is other
    once = redacted(entry("c1"), GONE, everything=False)
    assert redacted(once, GONE, everything=False) is once


def test_everything_of_a_customer_goes() -> None:
    left = redacted(entry("k1", change("status", "a", "b")), {"k9"}, everything=True)
    assert left["changes"] == [change("status", "[erased]", "[erased]")]
