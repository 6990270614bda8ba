"""The roles of this service: `python -m billing api | worker | migrate | seed | …`."""

from billing.bootstrap import build
from billing.settings import Settings
from common.cli import main

main("billing", Settings, build)
