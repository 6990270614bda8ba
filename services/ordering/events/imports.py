"""Events of imports; the engine of imports builds them."""

IMPORT_FINISHED = "ordering.import.finished.v1"
PUBLISHES = frozenset([IMPORT_FINISHED])
