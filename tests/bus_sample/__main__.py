"""Runs the worker of a sample service as a process of its own: `python -m bus_sample thing|reader`."""

import os
import sys

from bus_sample.services import consumer, producer
from common import logs
from common.cli import stop_signal
from common.contracts import Contracts
from common.settings import Settings
from common.worker import run_until_stopped

name = sys.argv[1]
settings = Settings.from_env(os.environ)
logs.configure(name, settings.log_level)
build = producer if name == "thing" else consumer
service = build(settings.database_url, Contracts(settings.contracts_dir), settings=settings)
sys.exit(run_until_stopped(service, stop_signal()))
