"""`python -m docs` writes the generated documents; `python -m docs --check` tells which of them are not current."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from common.contracts import Contracts
from docs.catalogue import asyncapi, catalogue
from docs.tables import environment, shared_errors, tables
from inventory import ROOT, Package, packages, shared_refusals

CONTRACTS = ROOT / "contracts"


def main(arguments: list[str]) -> int:
    """Returns 1 where `--check` finds a document that would change."""
    documents = _documents()
    stale = [path for path, text in documents.items() if not path.exists() or path.read_text() != text]
    stale += [path for path in sorted((CONTRACTS / "http").glob("*.json")) if path not in documents]
    if "--check" in arguments:
        sys.stdout.writelines(f"{path.relative_to(ROOT)} is not current: make docs\n" for path in stale)
        return 1 if stale else 0
    for path in stale:
        if path in documents:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(documents[path])
        else:
            path.unlink()
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


def _documents() -> dict[Path, str]:
    """Every generated document as it should be."""
    services, contracts = packages(), Contracts(CONTRACTS)
    documents = {_readme(each): _filled(_text(_readme(each)), "tables", tables(each, contracts)) for each in services}
    overview = CONTRACTS / "README.md"
    events = _filled(overview.read_text(), "catalogue", catalogue(services, contracts))
    documents[overview] = _filled(events, "errors", shared_errors(shared_refusals()))
    example = ROOT / ".env.example"
    documents[example] = _filled(_text(example), "settings", environment(services), comment="# ")
    documents[CONTRACTS / "asyncapi.json"] = _json(asyncapi(services, contracts))
    for each in services:
        documents[CONTRACTS / "http" / f"{each.name}.openapi.json"] = _json(each.openapi())
    return documents


def _readme(package: Package) -> Path:
    return package.folder / "README.md"


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _filled(text: str, name: str, content: str, comment: str = "") -> str:
    """The text with the content between its marks; the marks are added at the end where they are missing."""
    begin, end = f"{comment}<!-- generated:{name} -->", f"{comment}<!-- /generated:{name} -->"
    if begin not in text:
        text = f"{text.rstrip()}\n\n{begin}\n{end}\n"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n\n{content}\n\n{end}", text, count=1)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
