"""Operations on imports."""

from common.importing import api
from common.web import SIGNED_IN, Routes
from ordering.use_cases.imports.kinds import IMPORTS, MATCHES, TYPES

routes = Routes("Imports", "Records from CSV, XLSX or NDJSON files.")

api.declare(
    routes,
    types=TYPES,
    matches=MATCHES,
    permission=SIGNED_IN,
    importing=lambda _deps: IMPORTS,
    max_bytes=lambda deps: deps.import_max_bytes,
)
