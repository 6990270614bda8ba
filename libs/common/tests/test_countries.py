"""The names by which files name countries."""

from common.importing import countries


def test_every_other_name_leads_to_a_code_in_use() -> None:
    assert countries._ALSO
    assert set(countries._ALSO.values()) <= countries.codes()
