"""Notes and follow-ups: their kinds, who sees them, and how long their words are their author's to change."""

from datetime import timedelta
from typing import Final

KINDS: Final = ("note", "call", "email", "meeting", "follow_up")
VISIBILITIES: Final = ("internal", "portal", "restricted")

BODY_LENGTH: Final = 20_000
REASON_LENGTH: Final = 300
EDIT_WINDOW: Final = timedelta(minutes=15)

# What was said; all else is how it is dealt with.
WORDS: Final = ("kind", "body")
NOTE_LABELS: Final = {
    "kind": "Kind",
    "body": "Text",
    "visibility": "Who sees it",
    "urgent": "Urgent",
    "urgent_reason": "Why it is urgent",
    "urgent_owner_label": "Who sees to it",
    "urgent_until": "Urgent until",
    "due_on": "Due",
    "owner_label": "Owner",
    "done_at": "Done",
}
