"""Figures that tests measure: kept in the suite's report, and printed when the whole run ends."""

from collections.abc import Callable

Figure = Callable[[str, str], None]
