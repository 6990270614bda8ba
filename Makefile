# `make` alone lists what there is. PYTHON=… names another Python than the first one that is new enough.
.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(MAKEFILE_LIST))
MAKEFLAGS += --no-print-directory

python := .venv/bin/python
export PYTHONDONTWRITEBYTECODE := 1

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- look at it ----

demo: environment-demo ## everything in one process with real-looking data; keeps its data in .demo/
	@$(python) -m embedded

demo-reset: ## forgets the data of the demo
	@rm -rf .demo && echo "The demo starts afresh next time."

up: ## PostgreSQL, RabbitMQ and every service in containers (docker compose)
	docker compose up --build --detach --wait

down: ## stops the containers; their data stay
	docker compose down

logs: ## what the containers say
	docker compose logs --follow --tail 100

# ---- check it ----

test: environment ## every suite, setting up its own servers; ends with the counts
	@$(python) tests/suites.py

test-unit: environment ## rules, contracts, architecture: no servers, under a minute
	@$(python) tests/suites.py unit

test-postgres: environment ## what needs a real PostgreSQL
	@$(python) tests/suites.py postgres

test-rabbitmq: environment ## what needs a real RabbitMQ
	@$(python) tests/suites.py rabbitmq

test-faults: environment ## kills processes and servers at the worst moments
	@$(python) tests/suites.py faults

lint: environment ## format, types, layers, manifests, generated documents
	@$(python) tools/lint.py

sure: environment ## exactly what CI runs: lint and test, both to their end
	@$(MAKE) --keep-going lint test

acceptance: environment ## real records through the public REST of a running stack: make acceptance DATA=folder [URL=…]
	@$(python) -m acceptance --data "$(DATA)" $(if $(URL),--url "$(URL)")

bench: environment ## ratios against ceilings measured in the same run
	@$(python) -m bench

# ---- change it ----

format: environment ## formats the code and sorts its imports
	@$(python) -m ruff check --quiet --fix-only . && $(python) -m ruff format --quiet .

docs: environment ## writes the generated tables, the catalogue of events, AsyncAPI and OpenAPI
	@$(python) -m docs

openapi: docs ## the same: contracts/http is one of the generated documents

lock: environment ## resolves the lock files again; UPGRADE=1 takes the newest versions
	@$(python) tools/lock.py $(if $(UPGRADE),--upgrade)

new-service: environment ## a new service that is green at once: make new-service NAME=returns
	@$(python) -m new_service "$(NAME)"

new-event: environment ## the contracts folder of a new event: make new-event TYPE=billing.invoice.issued.v1
	@$(python) -m new_service.event "$(TYPE)"

clean: demo-reset ## removes what can be made again
	@rm -rf .venv .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- .venv, made again only when a lock file or pyproject.toml changed ----

environment:
	@$(call with-a-python,requirements.lock)

environment-demo:
	@$(call with-a-python,requirements-demo.lock)

with-a-python = for python in "$${PYTHON:-python3}" python3 python; do \
	command -v "$$python" >/dev/null 2>&1 && exec "$$python" tools/environment.py $(1); done; \
	echo "Python 3.11 or newer is needed, and there is none on the PATH." >&2; exit 1
