"""What is declared of a noun of the owners, so that its events fill documents, timelines, search and filters."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from overview.domain.folding import fold

Data = Mapping[str, Any]

_BACKWARDS = str.maketrans("0123456789", "9876543210")


def by_name(data: Data) -> str:
    """The order of names."""
    return fold(str(data.get("name") or ""))


def newest(field: str) -> Callable[[Data], str]:
    """The order of a moment or day, the latest first; what has none comes last."""

    def order(data: Data) -> str:
        return str(data[field]).translate(_BACKWARDS) if data.get(field) else "~"

    return order


def never(_data: Data) -> bool:
    """Of nothing."""
    return False


def always(_data: Data) -> bool:
    """Of everything."""
    return True


def _name(data: Data) -> str:
    return str(data.get("name") or "")


def _nothing(_data: Data) -> tuple[Any, ...]:
    return ()


def _nobody(_data: Data) -> str | None:
    return None


def _itself(data: Data, _customer_id: str) -> Data:
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """One noun. The functions get the data of an event as `seen_by` gives it for one of its customers.

    Staff see nothing of a noun without `needs`, of a record that is `restricted` without `restricted_by`, and of one
    for which `needed_for` names a permission that they lack. The company sees a record while `portal` is true of it:
    the fields in `portal_fields`, or all of `fields`, and while `switch` is on for it."""

    entity: str  # of its events: `customer.link` of `customer.link.added.v1`
    verbs: tuple[str, ...] = ("added", "updated", "removed")
    ends: frozenset[str] = frozenset(("removed", "deleted"))  # the verbs after which it is no more
    kept: bool = True  # False: its events are entries of the timeline and nothing else
    counted_as: str | None = None  # the entity whose versions its events carry, where that is another

    section: str | None = None  # its key in the 360° document
    fields: tuple[str, ...] = ()
    order: Callable[[Data], str] = by_name
    most: int = 20  # shown in the document; the counts tell the rest

    needs: str | None = None
    restricted: Callable[[Data], bool] = never
    restricted_by: str = "documents.restricted"
    needed_for: tuple[tuple[str, Callable[[Data], bool]], ...] = ()  # permission -> of which records
    portal: Callable[[Data], bool] = never
    portal_fields: tuple[str, ...] | None = None
    switch: str | None = None  # without which the company sees no section of it

    label: Callable[[Data], str] = _name  # what people call it, frozen in the timeline
    said: Callable[[Data], str | None] = _nobody  # what somebody wrote, for the timeline
    said_inside: bool = False  # whether that is for staff only
    also: Callable[[Data], Iterable[str]] = _nothing  # customers that it concerns besides the event's own
    seen_by: Callable[[Data, str], Data] = _itself
    found_by: Callable[[Data], Iterable[tuple[str, str]]] = _nothing  # search field -> text
    marks: Callable[[Data], Iterable[str]] = _nothing  # what filters and facets count of its customer: `system_type:7`
    parent: Callable[[Data], str | None] = _nobody  # the one above it, where the noun is a tree

    @property
    def kind(self) -> str:
        """What its timeline entries and records are called: `link`."""
        return self.entity.rpartition(".")[2]

    @property
    def service(self) -> str:
        """Its owner."""
        return self.entity.partition(".")[0]

    @property
    def types(self) -> tuple[str, ...]:
        """The types of its events."""
        return tuple(f"{self.entity}.{verb}.v1" for verb in self.verbs)

    @property
    def is_found(self) -> bool:
        """Whether customers are found or filtered by it."""
        return self.found_by is not _nothing or self.is_counted

    @property
    def is_counted(self) -> bool:
        """Whether it gives its customers marks."""
        return self.marks is not _nothing

    @property
    def audiences(self) -> tuple[str, ...]:
        """For whom its section is kept ready."""
        found = ["staff"]
        if self.restricted is not never or self.needed_for:
            found.append("restricted")
        if self.is_for_portals:
            found.append("portal")
        return tuple(found)

    @property
    def is_for_portals(self) -> bool:
        """Whether the company may see anything of it."""
        return self.portal is not never

    def needed(self, data: Data) -> tuple[str, ...]:
        """The permissions without which staff do not see a record."""
        codes = ((self.needs,) if self.needs else ()) + ((self.restricted_by,) if self.restricted(data) else ())
        return tuple(dict.fromkeys(codes + tuple(code for code, is_needed in self.needed_for if is_needed(data))))

    def is_kept_back(self, data: Data) -> bool:
        """Whether a record needs more than the noun itself does; whoever lacks any of it sees the others."""
        return self.restricted(data) or any(is_needed(data) for _code, is_needed in self.needed_for)

    @property
    def needed_for_all(self) -> frozenset[str]:
        """The permissions with which nothing is kept back."""
        return frozenset((self.restricted_by, *(code for code, _is_needed in self.needed_for)))

    def body(self, data: Data) -> dict[str, Any]:
        """The record as staff see it."""
        return {name: data.get(name) for name in self.fields}

    def portal_body(self, data: Data) -> dict[str, Any] | None:
        """The record as its company sees it, or None."""
        if not self.portal(data):
            return None
        return {name: data.get(name) for name in self.shown_fields}

    @property
    def shown_fields(self) -> tuple[str, ...]:
        """What of a record its company sees."""
        return self.fields if self.portal_fields is None else self.portal_fields
