"""The stages that deals go through, as an administrator keeps them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from customer import events
from customer.domain.deals import DEAL_STAGE_LABELS
from customer.errors.deals import DealStageInUse, DealStageNotFound, DealStageTaken, DealStageUnknown
from customer.tables.deals import deal_stages
from customer.use_cases import catalogue
from customer.use_cases.catalogue import Catalogue, count
from customer.use_cases.store import Record

Body = Mapping[str, Any]

DEAL_STAGES = Catalogue(
    table=deal_stages,
    noun="stage",
    users="deals are at",
    labels=DEAL_STAGE_LABELS,
    count_users=count("deals WHERE stage = :code"),
    event=events.deal_stage,
    not_found=DealStageNotFound,
    unknown=DealStageUnknown,
    taken=DealStageTaken,
    in_use=DealStageInUse,
)


def create_deal_stage(session: Session, body: Body) -> Record:
    """Adds a stage, at the end where no position is given."""
    position = body.get("position")
    if position is None:
        position = catalogue.next_position(session, DEAL_STAGES)
    fields = {"code": body["code"], "label": body["label"], "position": position}
    return catalogue.create(session, DEAL_STAGES, fields)


def change_deal_stage(session: Session, stage_id: str, version: int, body: Body) -> Record:
    """Renames or moves a stage."""
    before = catalogue.lock(session, DEAL_STAGES, stage_id, version)
    return catalogue.change(session, DEAL_STAGES, before, body)


def delete_deal_stage(session: Session, stage_id: str, version: int) -> None:
    """Takes a stage out of the list; raises DealStageInUse while there are deals at it."""
    catalogue.remove(session, DEAL_STAGES, stage_id, version)
