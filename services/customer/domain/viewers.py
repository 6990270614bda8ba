"""Who looks at notes and files, as far as it decides what there is to see."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """`actor` as in events (`staff:<account id>`). `restricted`, `documents` and `systems` say whether restricted
    things, papers and installed systems exist for this person."""

    account_id: str
    actor: str
    label: str
    portal: bool
    restricted: bool
    documents: bool
    systems: bool = False
