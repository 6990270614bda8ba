"""`python -m acceptance --data FOLDER [--url URL]`, behind `make acceptance`: changes the stack it is told of."""

import argparse
import os
import sys
from pathlib import Path

from acceptance import northwind
from acceptance.checks import Run
from acceptance.client import Client
from acceptance.orders import OrderRun
from acceptance.table import Table
from acceptance.trade import Trade

DEFAULT_URL = "http://127.0.0.1:8080"
DEFAULT_USER = "admin@example.test"


def main() -> int:
    """Runs every check; 0 where all hold."""
    parser = argparse.ArgumentParser(prog="python -m acceptance", description="Real records through the public REST.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the Northwind records as CSV files")
    parser.add_argument("--url", default=DEFAULT_URL, help=f"the gateway of a running stack (default {DEFAULT_URL})")
    parser.add_argument("--user", default=DEFAULT_USER)
    parser.add_argument("--password", default="", help="default: DEMO_PASSWORD, then that of the demo in DEMO_DIR")
    asked = parser.parse_args()
    content = northwind.read_file(asked.data)
    client = Client(asked.url, asked.user, asked.password or _password())
    client.sign_in()
    table = Table()
    run = Run(client, table, content)
    run.all()
    OrderRun(client, table, Trade(asked.data), run.ids).all()
    return table.end()


def _password() -> str:
    given = os.environ.get("DEMO_PASSWORD", "")
    kept = Path(os.environ.get("DEMO_DIR") or ".demo") / "password"
    return kept.read_text(encoding="utf-8") if not given and kept.is_file() else given


if __name__ == "__main__":
    sys.exit(main())
