"""Fields that every service uses refuse what cannot be kept."""

import pytest
from marshmallow import ValidationError

from common.schemas import Email, Flag, Id, Schema, Text


class Sample(Schema):
    name = Text(max=5)
    note = Text(min=0, max=5)
    mail = Email()
    id = Id()
    flag = Flag()


@pytest.mark.parametrize(
    "content",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "123456"},
        {"name": None},
        {"name": 5},
        {"name": "a\x00b"},
        {"name": "\ud800"},
        {"mail": "nobody"},
        {"mail": "a@b"},
        {"mail": "a b@example.test"},
        {"mail": f"{'a' * 65}@example.test"},
        {"id": "1"},
        {"flag": 1},
        {"flag": "yes"},
        {"other": 1},
    ],
)
def test_wrong_content_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sample().load(content)


def test_text_is_trimmed_and_optional_text_may_be_cleared() -> None:
    assert Sample().load({"name": "  Ada "}) == {"name": "Ada"}
    assert Sample().load({"note": "  "}) == {"note": None}
    assert Sample().load({"note": None}) == {"note": None}


def test_an_id_becomes_canonical() -> None:
    assert Sample().load({"id": "01890A5D-AC96-774B-BCCE-B302099A8057"})["id"] == "01890a5d-ac96-774b-bcce-b302099a8057"
