"""Who looks: what of a customer an account may see, as far as the read models depend on it."""

from dataclasses import dataclass

from overview.domain.nouns import ALL
from overview.domain.nouns.noun import Noun
from overview.domain.terms import FIELDS, RESTRICTED, STAFF

SETTINGS, DOCUMENTS, PEOPLE = "portal_settings.view", "documents.view", "portal_users.manage"

# The permissions that something here depends on.
CODES = frozenset(
    {SETTINGS, DOCUMENTS, PEOPLE, "documents.restricted", "systems.view"}
    | {code for noun in ALL for code in (noun.needs, noun.restricted_by) if code is not None}
)

# Search fields that nobody finds by without a permission.
_NEEDED_BY_FIELD = {FIELDS.index("system"): "systems.view", FIELDS.index("asset"): "assets.view"}


@dataclass(frozen=True, slots=True)
class Viewer:
    """An account. `held` are those of CODES that it holds, at the customer that it looks at where there is one."""

    is_portal: bool
    held: frozenset[str]

    def sees(self, noun: Noun) -> bool:
        """Whether anything of a noun is for this viewer."""
        return noun.is_for_portals if self.is_portal else noun.needs is None or noun.needs in self.held

    def audience(self, noun: Noun) -> str:
        """Which of the sections that are kept ready is this viewer's."""
        if self.is_portal:
            return "portal"
        return "restricted" if "restricted" in noun.audiences and noun.needed_for_all <= self.held else "staff"

    @property
    def finds_below(self) -> int | None:
        """The codes of search fields that this viewer finds by are lower than this; None: it finds by all."""
        if self.is_portal:
            return STAFF
        return None if "documents.restricted" in self.held else RESTRICTED

    @property
    def finds_not_by(self) -> list[int]:
        """The search fields, without their level, by which this viewer does not find."""
        if self.is_portal:
            return []
        return [code for code, needed in _NEEDED_BY_FIELD.items() if needed not in self.held]
