"""The roles of this service: `python -m portal_settings api | worker | migrate | seed | …`."""

from common.cli import main
from portal_settings.bootstrap import build
from portal_settings.settings import Settings

main("portal-settings", Settings, build)
