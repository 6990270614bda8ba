"""The roles of this service: `python -m warehouse api | worker | migrate | seed | …`."""

from common.cli import main
from warehouse.bootstrap import build
from warehouse.settings import Settings

main("warehouse", Settings, build)
