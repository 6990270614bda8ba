"""The roles of this service: `python -m automation api | worker | migrate | seed | …`."""

from automation.bootstrap import build
from automation.settings import Settings
from common.cli import main

main("automation", Settings, build)
