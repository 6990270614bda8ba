"""Why an import as a whole is refused."""

from common.errors import Conflict, Invalid, NotFound, TooLarge


class ImportNotFound(NotFound):
    """There is no such import."""

    code = "warehouse.import_not_found"
    title = "No such import"


class ImportOptions(Invalid):
    """The options of an import do not fit each other or the file."""

    code = "warehouse.import_options"
    title = "The import cannot start like this"


class ImportTooLarge(TooLarge):
    """The file is larger than this installation accepts."""

    code = "warehouse.import_too_large"
    title = "The file is too large"


class ImportUnfinished(Conflict):
    """The import has not finished."""

    code = "warehouse.import_unfinished"
    title = "The import has not finished"
