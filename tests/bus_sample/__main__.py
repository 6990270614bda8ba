"""The worker of a sample service as a process: `python -m bus_sample thing|reader [careful|plain|working|waiting]`."""

import os
import sys

from bus_sample.services import consumer, producer
from common import logs
from common.cli import stop_signal
from common.contracts import Contracts
from common.settings import Settings
from common.worker import run_until_stopped

name, kind = sys.argv[1], (sys.argv[2:] or ["careful"])[0]
settings = Settings.from_env(os.environ)
logs.configure(name, settings.log_level)
contracts = Contracts(settings.contracts_dir)
if name == "thing":
    service = producer(settings.database_url, contracts, settings=settings)
else:
    service = consumer(settings.database_url, contracts, settings=settings, kind=kind)
sys.exit(run_until_stopped(service, stop_signal()))
