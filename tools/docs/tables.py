"""The tables in a service's README: its routes, events, settings and errors."""

import dataclasses
from collections.abc import Iterable, Sequence

from common.contracts import Contracts
from common.errors import Refusal
from common.settings import Settings
from common.web import PUBLIC, SIGNED_IN
from common.web.problems import HTTP, STATUS
from common.web.routes import Operation
from inventory import Package
from inventory.packages import Setting

_COMMON = {field.name.upper() for field in dataclasses.fields(Settings)}


def tables(package: Package, contracts: Contracts) -> str:
    """Everything that a reader of the README may look up."""
    return "\n\n".join(
        part for part in (_routes(package), _events(package, contracts), _settings(package), _errors(package)) if part
    )


def environment(packages: Iterable[Package]) -> str:
    """Every setting as a line of an environment file, the common ones once."""
    parts: list[str] = []
    seen: set[str] = set()
    for package in packages:
        new = [each for each in package.settings if each.name not in seen]
        common = [each for each in new if each.name in _COMMON]
        own = [each for each in new if each.name not in _COMMON]
        seen |= {each.name for each in new}
        for title, settings in (("Every service", common), (package.name, own)):
            if settings:
                parts.append("\n".join([f"# {title}", *map(_line, settings)]))
    return "\n\n".join(parts)


def _line(setting: Setting) -> str:
    line = f"# {setting.name}={setting.default or ''}"
    return f"{line:<50}  # {setting.meaning}" if setting.meaning else line


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def _routes(package: Package) -> str:
    rows = [
        (f"`{each.method} {each.path}`", _who(each), _first_line(each.view.__doc__ or each.name))
        for each in package.operations
    ]
    return "### Routes\n\n" + table(("operation", "who may", "what"), rows) if rows else ""


def _who(operation: Operation) -> str:
    named = {PUBLIC: "anybody", SIGNED_IN: "signed in"}
    who = named.get(operation.permission, f"`{operation.permission}`")
    if not operation.public:
        return f"{who}, inside only"
    return f"{who}, portal too" if operation.portal else who


def _events(package: Package, contracts: Contracts) -> str:
    known = set(contracts.types)
    out = [
        (f"`{each}`", ", ".join(sorted(contracts.consumers_of(each))) if each in known else "")
        for each in sorted(package.publishes)
    ]
    parts = []
    if out:
        parts.append("### Publishes\n\n" + table(("event", "read by"), out))
    if package.handlers:
        parts.append("### Consumes\n\n" + table(("event",), [(f"`{each}`",) for each in sorted(package.handlers)]))
    return "\n\n".join(parts)


def _settings(package: Package) -> str:
    rows = [(f"`{each.name}`", _default(each.default), _cell(each.meaning)) for each in package.settings]
    return "### Settings\n\n" + table(("variable", "default", "meaning"), rows)


def _default(value: str | None) -> str:
    if value is None:
        return "needed"
    return _cell(f"`{value}`") if value else ""


def _errors(package: Package) -> str:
    rows = [
        (f"`{each.code}`", str(STATUS[each.kind]), _cell(each.title), _first_line(each.__doc__ or ""))
        for each in package.refusals
    ]
    return "### Errors\n\n" + table(("code", "status", "title", "when"), rows) if rows else ""


def shared_errors(refusals: Iterable[type[Refusal]]) -> str:
    """The errors that every service may answer with, whatever is asked."""
    rows = [(each.code, STATUS[each.kind], _first_line(each.__doc__ or each.title)) for each in refusals]
    rows += [(code, status, _cell(detail)) for status, (code, detail) in HTTP.items()]
    shown = [(f"`{code}`", str(status), told) for code, status, told in sorted(rows)]
    return table(("code", "status", "when, or what to do"), shown)


def _first_line(text: str) -> str:
    return _cell(text.strip().partition("\n")[0].rstrip("."))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
