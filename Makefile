# Everything a developer or CI runs. `make` lists the targets.
PYTHON ?= $(shell command -v python3 || command -v python)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check format generate bench interop clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "sipgen needs Python 3.11 or later: make PYTHON=python3.12 ..." >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

demo: $(READY) ## judge the torture messages, then run an Endpoint and talk to it
	$(BIN)/python scripts/demo.py

test: $(READY) ## run the tests
	$(BIN)/python -m pytest -n auto --dist worksteal

# The link lets mypy find sipgen.generated, which lies beside sipgen/ in the tree.
build/mypy/sipgen/generated:
	mkdir -p build/mypy/sipgen
	ln -s ../../../generated $@

check: $(READY) build/mypy/sipgen/generated ## all that CI runs: format, lint, types, tests, stale outputs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy sipgen scripts tests
	$(BIN)/python -m pytest -n auto -m 'not (oracle or timing)' --cov --cov-report=term --durations=10
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'oracle or timing' --durations=5
	$(BIN)/python scripts/generate.py --check

format: $(READY) ## format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: $(READY) ## make generated/ from grammar/
	$(BIN)/python scripts/generate.py

bench: $(READY) ## measure reading and validation against a floor
	$(BIN)/python scripts/bench.py

interop: $(READY) ## drive real SIP programs (sipsak, SIPp), if installed
	$(BIN)/python -m pytest -m interop tests/interop

clean: ## remove what the targets made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.*
