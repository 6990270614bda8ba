"""The roles of this service: `python -m sample_service api | worker | migrate | seed | …`."""

from common.cli import main
from sample_service.bootstrap import build
from sample_service.settings import Settings

main("sample-service", Settings, build)
