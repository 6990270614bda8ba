"""The places of the repository that name every service, and how a new one is added to each."""

import re
from pathlib import Path

# A new service is added after this one wherever services are listed.
NEIGHBOUR = "overview"


def add(root: Path, module: str) -> None:
    """Adds a service (snake case) to import rules, project, one-process runner, Compose and Kubernetes."""
    name = module.replace("_", "-")
    _edit(root / ".importlinter", rf"^    {NEIGHBOUR}(\.domain)?$", rf"\g<0>\n    {module}\1")
    project = root / "pyproject.toml"
    _edit(project, rf"^{NEIGHBOUR} = .*$", rf"\g<0>\n{module} = []")
    _edit(project, rf"^(demo = .*\b{NEIGHBOUR}),", rf"\1,{module},")
    _edit(project, rf'^  "services/{NEIGHBOUR}",$', rf'\g<0>\n  "services/{module}",')
    runner = root / "tools" / "embedded" / "programs.py"
    _edit(runner, rf'^(SERVICES = .*"{NEIGHBOUR}")', rf'\1, "{name}"')
    compose = root / "docker-compose.yml"
    _edit(compose, r"^  gateway-api:$", f"{_compose_block(module)}\n  gateway-api:")
    _edit(compose, rf"^        {NEIGHBOUR}=http://.*$", rf"\g<0>\n        {name}=http://{name}-api:8000")
    _edit(
        compose,
        rf"^      {NEIGHBOUR}-api: (.*)$",
        rf"\g<0>\n      {name}-api: \1",
    )
    base = root / "deploy" / "k8s" / "base"
    _edit(base / "kustomization.yaml", rf"^  - {NEIGHBOUR}$", rf"\g<0>\n  - {name}")
    _edit(base / "environment.yaml", rf"^    {NEIGHBOUR}=http://.*$", rf"\g<0>\n    {name}=http://{name}-api:8000")


def _compose_block(module: str) -> str:
    template = (Path(__file__).parent / "template" / "compose.yml").read_text()
    return renamed(template, module).rstrip() + "\n"


def renamed(text: str, module: str) -> str:
    """The template's text with the new service's names."""
    text = text.replace("sample_service", module).replace("SAMPLE_SERVICE", module.upper())
    return text.replace("sample-service", module.replace("_", "-"))


def _edit(path: Path, pattern: str, replacement: str) -> None:
    text, changes = re.subn(pattern, replacement, path.read_text(), flags=re.MULTILINE)
    if not changes:
        raise SystemExit(f"{path}: found no place for the new service")
    path.write_text(text)
