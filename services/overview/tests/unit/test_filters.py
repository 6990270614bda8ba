"""The text form of filters."""

import pytest

from overview.domain.filters import parse
from overview.errors import FilterInvalid

GROUP = "0195556a-0000-7000-8000-0000000000a1"


@pytest.mark.parametrize(
    ("parts", "filters"),
    [
        ([], {}),
        ([""], {}),
        (["city:Berlin,kind:business"], {"city": ("berlin",), "kind": ("business",)}),
        (["city:Berlin", "city:Köln"], {"city": ("berlin", "koln")}),
        (["city:Berlin,city:berlin"], {"city": ("berlin",)}),
        (['city:"Sainte-Foy, L\'Argentière"'], {"city": ("sainte-foy, l'argentiere",)}),
        (['city:"Say ""hi"""'], {"city": ('say "hi"',)}),
        (["city:a b:c,"], {"city": ("a b:c",)}),
        (["country:de"], {"country": ("DE",)}),
        ([f"group:{GROUP.upper()},group:-"], {"group": (GROUP, "-")}),
        (["has:email,has:phone"], {"has": ("email", "phone")}),
        ([" status:archived , login:none "], {"login": ("none",), "status": ("archived",)}),
    ],
)
def test_filters_read(parts: list[str], filters: dict[str, tuple[str, ...]]) -> None:
    assert parse(parts) == filters


@pytest.mark.parametrize(
    "text",
    ["city", "city:", "colour:red", "status:gone", "kind:x", "group:7", "parent:me", 'city:"open', "has:money"],
)
def test_what_cannot_be_read_is_refused_by_name(text: str) -> None:
    with pytest.raises(FilterInvalid):
        parse([text])


def test_the_number_of_values_is_bounded() -> None:
    with pytest.raises(FilterInvalid):
        parse([",".join(f"city:c{n}" for n in range(101))])
