"""Content in: strict JSON, and schema errors as JSON pointers."""

from typing import Any, NoReturn

import orjson
from flask import Request, request
from flask_smorest.blueprint import Blueprint as SmorestBlueprint
from marshmallow import Schema, ValidationError
from webargs import missing
from webargs.flaskparser import FlaskParser

from common.errors import FieldError, Invalid, Malformed


class ContentInvalid(Invalid):
    """Fields do not fit the shape that the operation takes."""

    code = "validation_failed"
    title = "Some fields are not right"


class JsonMalformed(Malformed):
    """The body is no JSON."""

    code = "json_malformed"
    title = "The body is not JSON"


class JsonExpected(Malformed):
    """The body is of another media type."""

    code = "json_expected"
    title = "Send JSON"


class Parser(FlaskParser):  # type: ignore[misc,unused-ignore]
    """webargs' parser with our reading and our refusals."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": None, "form": None}

    def load_json(self, req: Request, schema: Schema) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return missing if not schema.fields else {}
        if not req.is_json:
            raise JsonExpected("Send the content as JSON with `Content-Type: application/json`.")
        try:
            content = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise JsonMalformed(f"The body cannot be read as JSON: {error.msg} (line {error.lineno}).") from error
        if not isinstance(content, dict):
            raise JsonMalformed("Send one JSON object.")
        return content

    def handle_error(self, error: ValidationError, *_args: Any, **_options: Any) -> NoReturn:
        raise refusal_of(error) from error


class Blueprint(SmorestBlueprint):  # type: ignore[misc,unused-ignore]
    """flask-smorest's blueprint with our parser."""

    ARGUMENTS_PARSER = Parser()


def refusal_of(error: ValidationError) -> ContentInvalid:
    """marshmallow's nested messages as a list of JSON pointers."""
    messages = error.messages if isinstance(error.messages, dict) else {"json": {"": error.messages}}
    errors: list[FieldError] = []
    for part in messages.values():
        _collect(part, "", errors)
    named = ", ".join(dict.fromkeys(e.pointer for e in errors if e.pointer))
    return ContentInvalid(
        f"Correct {named} and send the request again." if named else "Correct the content and send it again.",
        errors=errors[:100],
    )


def _collect(messages: Any, pointer: str, errors: list[FieldError]) -> None:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            step = "" if name == "_schema" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            _collect(inner, pointer + step, errors)
    else:
        texts = messages if isinstance(messages, list) else [messages]
        errors.extend(FieldError(pointer, str(text)) for text in texts)


def deadline_passed(now: float) -> bool:
    """Whether the caller has stopped waiting: the header `X-Request-Deadline` holds Unix seconds."""
    try:
        return float(request.headers.get("X-Request-Deadline", "inf")) < now
    except ValueError:
        return False
