"""The types of import that this service has."""

from common.importing.finished import tells
from common.importing.kinds import Importing, Refusals, importing
from warehouse.errors.imports import ImportNotFound, ImportOptions, ImportTooLarge, ImportUnfinished
from warehouse.events.imports import IMPORT_FINISHED
from warehouse.use_cases.imports.assets import Assets
from warehouse.use_cases.imports.stock import Stock

KINDS = (Stock(), Assets())
TYPES = tuple(kind.name for kind in KINDS)
MATCHES = tuple(dict.fromkeys(match for kind in KINDS for match in kind.matches))

IMPORTS: Importing = importing(
    KINDS,
    Refusals(ImportOptions, ImportTooLarge, ImportNotFound, ImportUnfinished),
    finished=tells(IMPORT_FINISHED),
)
