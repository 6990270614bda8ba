"""Which columns of the tables of imports hold text; none is a person's record: files and their refused rows are removed
with their import."""

from collections.abc import Mapping
from typing import Final

PLAIN: Final[Mapping[str, frozenset[str]]] = {
    "imports": frozenset(
        {
            *("type", "mode", "match", "mapping", "file_name", "state", "columns", "error_code", "error_detail"),
            *("requested_by", "requested_label"),
        }
    ),
    "import_keys": frozenset({"key"}),
    "rejected_rows": frozenset({"code", "detail", "cells"}),
}
