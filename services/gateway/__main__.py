"""`python -m gateway api | stream | openapi`."""

from common.cli import main
from gateway.bootstrap import build
from gateway.settings import Settings

if __name__ == "__main__":
    main("gateway", Settings, build)
