"""The roles of this service: `python -m ordering api | worker | migrate | seed | …`."""

from common.cli import main
from ordering.bootstrap import build
from ordering.settings import Settings

main("ordering", Settings, build)
