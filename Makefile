# Everything sets itself up: `make run` needs Python 3.11 or later and make, nothing else.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

# What tests that run side by side print is kept apart, where make can: that of macOS cannot.
APART := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: run test test-unit test-integration test-pages bench lint format types security clean

run: $(VENV)/run.stamp
	$(BIN)/streamlit run Home.py --server.port $(PORT) --server.fileWatcherType none

test: $(VENV)/test.stamp
	$(MAKE) --jobs 2 lint types security
	$(BIN)/python scripts/find_browser.py --install
	$(MAKE) --jobs 2 $(APART) test-unit test-integration test-pages
	$(BIN)/python -m pytest tests/browser

test-unit: $(VENV)/test.stamp
	$(BIN)/python -m pytest tests/unit

test-integration: $(VENV)/test.stamp
	$(BIN)/python -m pytest tests/integration

test-pages: $(VENV)/test.stamp
	$(BIN)/python -m pytest tests/pages

bench: $(VENV)/bench.stamp
	$(BIN)/python -m bench

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test.stamp
	$(BIN)/mypy

security: $(VENV)/test.stamp
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive Home.py pages lib scripts
	$(BIN)/python scripts/audit.py

format: $(VENV)/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/test.stamp: requirements-dev.txt requirements-sql.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		-r requirements-dev.txt -r requirements-sql.txt
	touch $@

$(VENV)/bench.stamp: requirements-bench.txt $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis
