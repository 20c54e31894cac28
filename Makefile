# demo, test, check, clean. Each target makes .venv when it is missing or the requirements changed.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
IMAGES ?=
export IMAGES

.PHONY: demo test check clean

demo: $(INSTALLED)
	$(BIN)/python -m jobs demo $(if $(IMAGES),--images "$$IMAGES")

test: $(INSTALLED)
	$(BIN)/python -m pytest

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	[ ! -d .local ] || [ ! -x $(BIN)/python ] || $(BIN)/python -m jobs local down
	rm -rf .venv .local report .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(INSTALLED): requirements.txt infra/requirements.txt jobs/local/azurite/package-lock.json
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m jobs local install
	touch $@
