"""Which columns of the tables of merges hold text, none of which says anything of a person."""

from collections.abc import Mapping

PLAIN: Mapping[str, frozenset[str]] = {"merge_moves": frozenset({"part", "before", "after"})}
