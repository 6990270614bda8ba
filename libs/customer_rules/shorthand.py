"""The short text form of a rule, as a search box takes it: `city:Berlin tag:vip -group:retail "north sea"`.

Parts stand side by side and must all be true; `-` before one turns it round. A part is a word, looked for in the fields
that take words, or `field:value`:

    city:Berlin,Kiel        one of several          city:Ber*               begins with
    name:"North Sea"        with spaces             cf.region:*             has a value
    cf.seats:>=10           also > < <=             cf.seats:10..20         from, to
    created_at:2026-03-02   on that day             created_at:>2026-03-02  after it; < before it
    created_at:30d          in the last 30 days (h d w m y)
"""

import re
from typing import Any

from customer_rules.fields import Field, Fields
from customer_rules.problems import Problem, RuleInvalid
from customer_rules.tree import MAX_LEAVES

MAX_LENGTH = 2_000

_TOKEN = re.compile(
    r"""\s*(?P<not>-?)(?:(?P<field>[A-Za-z][\w.]*(?::[0-9a-f-]{36})?):)?(?P<value>(?:"(?:[^"\\]|\\.)*"|[^\s"])+)""",
    re.VERBOSE,
)
_ALTERNATIVE = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SPAN = re.compile(r"(\d{1,4})([hdwmy])\Z")
_UNITS = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
_COMPARED = (("<=", "lte"), (">=", "gte"), ("<", "lt"), (">", "gt"))
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def to_tree(text: str, fields: Fields) -> dict[str, Any]:
    """The tree that a text says, for `parse`; raises RuleInvalid with the place in the text. Nothing said is a rule
    that is true of everything."""
    if len(text) > MAX_LENGTH:
        raise RuleInvalid([Problem("", f"Give at most {MAX_LENGTH} characters.")])
    parts: list[dict[str, Any]] = []
    place = 0
    while text[place:].strip():
        token = _TOKEN.match(text, place)
        if token is None:
            raise _wrong(place, "A quotation mark is open, or a value is missing.")
        part = _part(token, fields)
        parts.append({"not": part} if token["not"] else part)
        if len(parts) > MAX_LEAVES:
            raise _wrong(place, f"Give at most {MAX_LEAVES} parts.")
        place = token.end()
    return parts[0] if len(parts) == 1 else {"all": parts}


def _part(token: "re.Match[str]", fields: Fields) -> dict[str, Any]:
    name, said, place = token["field"], token["value"], token.start("value")
    if name is None:
        return _word(_plain(said), fields, place)
    field = fields.get(name)
    if field is None:
        raise _wrong(token.start("field"), f"There is no field {name[:80]}; a word with a colon needs quotation marks.")
    leaf = _leaf(field, said)
    if leaf is None:
        raise _wrong(place, f"{field.label} cannot be asked like this.")
    return {"field": name, **leaf}


def _word(word: str, fields: Fields, place: int) -> dict[str, Any]:
    places = [{"field": field.name, "op": "contains", "value": word} for field in fields.for_words()]
    if not places:
        raise _wrong(place, "Words alone are not looked for here; write field:value.")
    return {"any": places}


def _leaf(field: Field, said: str) -> dict[str, Any] | None:
    if said == "*":
        return {"op": "is_set"}
    if field.type == "boolean":
        value = _YES_NO.get(said.lower())
        return None if value is None else {"op": "eq", "value": value}
    if field.type in {"date", "datetime"}:
        return _time_leaf(said)
    if field.type == "number":
        return _number_leaf(said)
    values = [_plain(one) for one in _ALTERNATIVE.findall(said)]
    if not values:
        return None
    if field.many and field.type == "choice":
        return {"op": "any_of", "value": values}
    if field.type == "text" and len(values) == 1 and said.endswith("*") and len(said) > 1:
        return {"op": "starts_with", "value": values[0][:-1]}
    return {"op": "in", "value": values} if len(values) > 1 else {"op": "eq", "value": values[0]}


def _number_leaf(said: str) -> dict[str, Any] | None:
    for sign, op in _COMPARED:
        if said.startswith(sign):
            return {"op": op, "value": said.removeprefix(sign)}
    if ".." in said:
        return {"op": "between", "value": said.split("..", 1)}
    values = said.split(",")
    return {"op": "in", "value": values} if len(values) > 1 else {"op": "eq", "value": said}


def _time_leaf(said: str) -> dict[str, Any] | None:
    span = _SPAN.match(said)
    if span:
        return {"op": "within_last", "value": {"n": int(span[1]), "unit": _UNITS[span[2]]}}
    if said.startswith((">=", "<=")):
        return None
    if said.startswith(("<", ">")):
        return {"op": "before" if said[0] == "<" else "after", "value": said[1:]}
    if ".." in said:
        return {"op": "between", "value": said.split("..", 1)}
    return {"op": "on", "value": said}


def _wrong(place: int, detail: str) -> RuleInvalid:
    return RuleInvalid([Problem("", f"At character {place + 1}: {detail}", "text_unreadable")])


def _plain(said: str) -> str:
    """The text without its quotation marks; a backslash in them keeps the next character."""
    return _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), said)
