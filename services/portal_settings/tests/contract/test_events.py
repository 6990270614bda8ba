"""What this service publishes fits its schema, and what it reads is there in every example of the producers."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from common.contracts import Contracts
from common.envelope import from_document
from common.service import Service
from common.settings import Settings
from common.testing import Client, deliver, published
from portal_settings.consumers import HANDLERS
from portal_settings.events import PUBLISHES, SCOPE_CHANGED
from portal_switches import ScopeSettings

pytestmark = pytest.mark.postgres

CONTRACTS = Contracts(Settings().contracts_dir)


def examples(event_type: str) -> list[Any]:
    folder = CONTRACTS.event_folder(event_type) / "examples"
    return [pytest.param(json.loads(path.read_text()), id=path.stem) for path in sorted(folder.glob("*.json"))]


def all_consumed() -> list[Any]:
    return [
        pytest.param(example.values[0], id=f"{event_type}-{example.id}")
        for event_type in sorted(HANDLERS)
        for example in examples(event_type)
    ]


def test_what_is_read_is_declared_and_the_other_way_round() -> None:
    assert set(CONTRACTS.consumed_by("portal-settings")) == {*HANDLERS, "overview.replay.requested.v1"}
    assert set(PUBLISHES) <= set(CONTRACTS.types)


@pytest.mark.parametrize("document", examples(SCOPE_CHANGED))
def test_every_example_of_ours_is_read_by_the_switches_themselves(document: dict[str, Any]) -> None:
    CONTRACTS.check(SCOPE_CHANGED, document["data"])
    settings = ScopeSettings.from_event(document["data"])
    assert settings.id == document["data"]["scope_id"]
    assert settings.licence_acknowledged == (document["data"]["licence"] is not None)


@pytest.mark.parametrize("document", all_consumed())
def test_every_example_of_the_producers_is_handled(service: Service, tree: Any, document: dict[str, Any]) -> None:
    deliver(service, from_document(document))


def test_real_changes_of_every_kind_fit_the_schema(staff: Client, service: Service, tree: Any) -> None:
    fee = {"fee_note": "included"}
    for path in (
        "/portal-settings",
        f"/customer-groups/{tree.clinics}/portal-settings",
        f"/customers/{tree.branch}/portal-settings",
    ):
        body = {
            "settings": {"allow_preorders": "on", "hr_sync_enabled": "on"},
            "locks": {"billing_enabled": path == "/portal-settings"},
            "licence_acknowledgement": fee,
            "reason": "Contract",
        }
        assert staff.patch(path, json=body, version=0).status_code == 200
        cleared = {"settings": {"allow_preorders": None, "warehouse_enabled": None}}
        answer = staff.patch(path, json=cleared, version=1)
        assert answer.status_code == 200, answer.json
    strict = jsonschema_rs.validator_for(CONTRACTS.schema(SCOPE_CHANGED), validate_formats=True)
    events = published(service.db)
    assert len(events) == 6
    for event in events:
        assert [error.message for error in strict.iter_errors(event.data)] == []


def test_the_public_document_names_every_switch(service: Service) -> None:
    from common.web.documents import openapi_document

    document = json.loads(openapi_document(service.create_app()))
    values = document["components"]["schemas"]["SwitchValues"]["properties"]
    assert values["hr_sync_enabled"]["description"].startswith("HR-Sync enabled")
    assert document["paths"]["/internal/effective-switches"]["get"]["x-public"] is False
    assert Path(CONTRACTS.folder, "portal_switches", "vectors.json").is_file()
