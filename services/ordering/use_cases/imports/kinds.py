"""The types of import that this service has."""

from common.importing.finished import tells
from common.importing.kinds import Importing, Refusals, importing
from ordering.errors.imports import ImportNotFound, ImportOptions, ImportTooLarge, ImportUnfinished
from ordering.events.imports import IMPORT_FINISHED
from ordering.use_cases.imports.listings import Listings
from ordering.use_cases.imports.orders import Orders
from ordering.use_cases.imports.prices import Prices

KINDS = (Listings(), Prices(), Orders())
TYPES = tuple(kind.name for kind in KINDS)
MATCHES = tuple(dict.fromkeys(match for kind in KINDS for match in kind.matches))

IMPORTS: Importing = importing(
    KINDS,
    Refusals(ImportOptions, ImportTooLarge, ImportNotFound, ImportUnfinished),
    finished=tells(IMPORT_FINISHED),
)
