"""An event that breaks its contract is refused without repeating what it holds."""

from pathlib import Path

import orjson
import pytest

from common.contracts import ContractBroken, Contracts


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    folder = tmp_path / "events" / "sample.thing.made" / "v1"
    (folder / "consumers").mkdir(parents=True)
    schema = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "maxLength": 3}},
        "additionalProperties": False,
    }
    (folder / "schema.json").write_bytes(orjson.dumps(schema))
    (folder / "consumers" / "billing.json").write_text("{}", encoding="utf-8")
    return Contracts(tmp_path)


def test_what_fits_passes(contracts: Contracts) -> None:
    contracts.check("sample.thing.made.v1", {"name": "abc"})


@pytest.mark.parametrize("data", [{}, {"name": "confidential"}, {"name": "abc", "more": 1}, {"name": 1}])
def test_what_does_not_fit_is_refused_without_its_value(contracts: Contracts, data: dict[str, object]) -> None:
    with pytest.raises(ContractBroken) as refused:
        contracts.check("sample.thing.made.v1", data)
    assert "confidential" not in str(refused.value)


def test_a_type_without_a_schema_is_refused(contracts: Contracts) -> None:
    with pytest.raises(ContractBroken, match="no schema"):
        contracts.check("sample.thing.lost.v1", {})


def test_the_folder_tells_types_and_consumers(contracts: Contracts) -> None:
    assert contracts.types == ("sample.thing.made.v1",)
    assert contracts.consumers_of("sample.thing.made.v1") == {"billing"}
    assert contracts.consumed_by("billing") == ("sample.thing.made.v1",)
