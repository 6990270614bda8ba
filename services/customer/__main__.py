"""`python -m customer <role>`."""

from common.cli import main
from customer.bootstrap import build
from customer.jobs.secrets import rotate_secrets
from customer.settings import Settings

if __name__ == "__main__":
    main("customer", Settings, build, commands={"rotate-secrets": rotate_secrets})
