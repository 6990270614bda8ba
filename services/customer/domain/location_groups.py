"""Location groups: a tree of places without rings, at most eight levels deep."""

from collections.abc import Sequence
from typing import Final

from customer.errors.location_groups import LocationCycle, LocationTooDeep

MAX_DEPTH: Final = 8
NAME_LENGTH: Final = 100

LABELS: Final = {"name": "Name"}


def check_place(group_id: str | None, above: Sequence[str], height: int = 1) -> None:
    """Checks a place in the tree. `above` are the ids from the new parent up to the root, `height` the levels of the
    group's own subtree, itself included. Raises LocationCycle (with the path) or LocationTooDeep."""
    if group_id is not None and group_id in above:
        raise LocationCycle(
            "The new place is below this location group (or is the group itself); choose one outside of it.",
            facts={"path": [group_id, *above[: above.index(group_id) + 1]]},
        )
    levels = len(above) + height
    if levels > MAX_DEPTH:
        raise LocationTooDeep(
            f"The tree would have {levels} levels; {MAX_DEPTH} are allowed. Put it higher up.",
            facts={"levels": levels, "allowed": MAX_DEPTH},
        )
