"""`python -m customer <role>`."""

from common.cli import main
from customer.bootstrap import build
from customer.settings import Settings

if __name__ == "__main__":
    main("customer", Settings, build)
