"""The roles of this service: `python -m overview api | worker | migrate | rebuild | gaps | …`."""

from common.cli import main
from overview.bootstrap import build
from overview.jobs.commands import gaps, rebuild
from overview.settings import Settings

main("overview", Settings, build, commands={"rebuild": rebuild, "gaps": gaps})
