"""The roles of this service: `python -m overview api | worker | migrate | rebuild | gaps | …`."""

from common.cli import main
from overview.bootstrap import build, for_generation
from overview.jobs.commands import list_gaps, rebuild
from overview.settings import Settings

main(
    "overview",
    Settings,
    build,
    commands={"rebuild": lambda service, arguments: rebuild(service, arguments, for_generation), "gaps": list_gaps},
)
