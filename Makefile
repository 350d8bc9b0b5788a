# Everything a developer or CI runs. `make` lists the targets.
PYTHON ?= $(shell command -v python3 || command -v python)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH := .venv-bench

.DEFAULT_GOAL := help
.PHONY: help demo test check format generate bench bench-endpoint fuzz interop interop-tools clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

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
	$(BIN)/mypy sipgen scripts examples tests
	$(BIN)/python -m pytest -n auto -m 'not (oracle or timing)' --cov --cov-report=term --durations=10
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'oracle or timing' --durations=5
	$(BIN)/python scripts/generate.py --check

format: $(READY) ## format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: $(READY) ## make generated/ from grammar/
	$(BIN)/python scripts/generate.py

$(BENCH)/.ready: pyproject.toml scripts/bench_requirements.txt
	"$(PYTHON)" -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --upgrade pip
	$(BENCH)/bin/python -m pip install --quiet --editable '.[fast]'
	while read -r peer; do $(BENCH)/bin/python -m pip install --quiet "$$peer" || \
		echo "$$peer cannot be installed here and is left out" >&2; \
		done < scripts/bench_requirements.txt
	@touch $@

bench: $(BENCH)/.ready ## measure sipgen beside other libraries and on streams, against a floor
	$(BENCH)/bin/python -m scripts.bench --json build/bench.json

bench-endpoint: $(BENCH)/.ready ## CPU time per request, beside an asyncio echo
	$(BENCH)/bin/python -m scripts.bench_endpoint --json build/bench-endpoint.json

fuzz: $(READY) ## hold the two tokenizers against each other, 100,000 cases
	$(BIN)/python -m scripts.fuzz

interop: $(READY) ## drive real SIP programs (SIPp, baresip, PJSIP, ...), those that are installed
	$(BIN)/python -m pytest -m interop tests/interop

# Clients that no distribution has; those that cannot be had are left out, and said so.
interop-tools: build/interop/.ready

build/interop/.ready: Makefile
	mkdir -p build/interop
	npm install --silent --no-audit --no-fund --prefix build/interop sip@0.0.6 || \
		echo "npm's sip cannot be installed here" >&2
	"$(PYTHON)" -m venv build/interop/pjsip
	build/interop/pjsip/bin/python -m pip install --quiet pjsua2-pybind11==0.1a3 || \
		echo "PJSIP cannot be installed here" >&2
	@touch $@

clean: ## remove what the targets made
	rm -rf $(VENV) $(BENCH) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.*
