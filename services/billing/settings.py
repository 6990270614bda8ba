"""What this service is told by its environment: nothing besides what every service is told."""

from common.settings import Settings

__all__ = ["Settings"]
