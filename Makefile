# `make all` and `make test` are each enough on a fresh clone. Needed: Python 3.11 or newer, a C compiler, make.
PYTHON ?= python3
BIN := .venv/bin
TESTS ?= tests
SEED ?= 0
COUNT ?= 150
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help all setup test attack check format results goldens parts machines bench clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

all: setup  ## install, measure every count afresh, regenerate RESULTS.md
	$(BIN)/repro verify --update
	$(BIN)/repro render

setup: $(STAMP)  ## create .venv with the pinned versions

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -c constraints.txt pip setuptools wheel cython numpy
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev,export]'
	$(BIN)/python -m pip install -q -c constraints.txt --no-build-isolation --no-binary xtcocotools xtcocotools \
	  || echo "xtcocotools was not built: scores lose one cross-check, nothing else" >&2
	touch $@

test: setup  ## run the tests; TESTS=tests/test_pose.py narrows
	$(BIN)/python -m pytest $(TESTS)

attack: setup  ## bad files, hostile servers, kills at any moment; SEED=0 COUNT=150 take two minutes
	ATTACK_SEED=$(SEED) ATTACK_COUNT=$(COUNT) $(BIN)/python -m pytest -m slow tests/test_attack_*.py

check: setup  ## all that CI does: lint, types, tests, counts and RESULTS.md current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest
	$(BIN)/repro verify
	$(BIN)/repro render --check

format: setup  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

results: setup  ## regenerate RESULTS.md and its figures from the committed records
	$(BIN)/repro render

goldens: setup  ## rewrite tests/goldens from the reference outputs of the original code
	$(BIN)/python tests/make_goldens.py

parts: setup  ## after a number in repro/versions.py was raised: rewrite what the part gives
	$(BIN)/python tests/parts.py

machines: setup  ## the tests as on other processors: three sets of instructions, about 4 minutes each
	$(BIN)/python -m pytest -m slow tests/test_machines.py -s

bench: setup  ## speed of the suite's own parts, as ratios against a named baseline
	$(BIN)/repro bench all

clean:  ## remove what make made
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
