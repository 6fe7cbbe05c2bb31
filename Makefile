# The verbs of Quorum. Each one sets up the checkout first (.ci/setup, quick when nothing changed):
#   make up        start everything and paper-trade            make test   the whole suite
#   make demo      a day of cycles in compressed time          make check  format, lint, types, contracts, limits, ...
#   make bench     measure                                     make fmt    put the code in shape
#   make doctor    say what is broken and how to mend it       make clean  remove what the set-up made
# ARGS goes to the command:  make demo ARGS="--days 2 --json"

unexport PYTHONDONTWRITEBYTECODE VIRTUAL_ENV PYTHONHOME

BIN := .venv/bin
WORKERS ?= 2
MUTANT_SECONDS ?= 3600

.PHONY: setup up demo bench doctor test coverage suite fmt mutants sbom audit clean
.PHONY: check format lint types contracts limits mirror prose dead
.DEFAULT_GOAL := up

setup:
	@.ci/setup

up demo bench doctor: setup
	@$(BIN)/quorum $@ $(ARGS)

# trading/ first and under coverage, all other rooms after it: pytest's closing line is the last word.
test: coverage suite

coverage: setup
	@$(BIN)/coverage run -m pytest tests/trading --quiet --no-header
	@$(BIN)/coverage report

suite: setup
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal --ignore tests/trading $(ARGS)

check: format lint types contracts limits mirror prose dead

format: setup
	@$(BIN)/ruff format --check .

lint: setup
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

contracts: setup
	@$(BIN)/lint-imports --no-logo

limits: setup
	@$(BIN)/python -m tests.house.limits

mirror: setup
	@$(BIN)/python -m tests.house.mirror

prose: setup
	@$(BIN)/python -m tests.house.prose

# Each entry of the allow list, in pyproject.toml, has its reason.
dead: setup
	@$(BIN)/vulture && echo "Dead code: none."

# What is inside, for scanners: CycloneDX out of the lock file.
sbom: setup
	@mkdir -p out && .tools/uv/bin/uv export --format cyclonedx1.5 --locked --no-dev --quiet -o out/sbom.json
	@echo "Wrote out/sbom.json."

# Known holes in the locked packages, from the index's advisories: https://pypi.org/project/pip-audit
# Without a network there is nothing to compare with, and that is no failure.
audit: setup
	@mkdir -p out && .tools/uv/bin/uv export --locked --no-dev --no-emit-project --quiet -o out/locked.txt
	@.ci/audit out/locked.txt

fmt: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# Minutes, and not part of `check`: the rules changed one decision at a time, and what the tests say.
# Each change runs only the tests that touch it, quickest first, and few examples of each property.
mutants: export QUORUM_TEST_EXAMPLES ?= 8
mutants: export QUORUM_TEST_LIVES ?= 8
mutants: setup
	@timeout $(MUTANT_SECONDS) $(BIN)/mutmut run --max-children $(WORKERS)
	@$(BIN)/python -m tests.house.mutants

# Keeps .quorum/: the books of the people who trade here.
clean:
	rm -rf .venv .tools dist out mutants .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
