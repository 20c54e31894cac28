# demo, test, check, bench, bench-publish, clean. A target creates .venv if it is missing, and updates it if the requirements changed.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
EXTRAS := .venv/extras
IMAGES ?=
export IMAGES

.PHONY: demo test check bench bench-publish clean

demo: $(INSTALLED)
	$(BIN)/python -m jobs demo $(if $(IMAGES),--images "$$IMAGES")

# Two processes, each with services of its own. The tests of a file run in one process, because they share fixtures.
test: $(EXTRAS)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Results in report/bench, which git ignores.
bench: $(INSTALLED)
	$(BIN)/python -m jobs bench

# The published figures: bench/results.json and bench/bench.png.
bench-publish: $(INSTALLED)
	$(BIN)/python -m jobs bench --out bench

clean:
	[ ! -d .local ] || [ ! -x $(BIN)/python ] || $(BIN)/python -m jobs local down
	rm -rf .venv .local report .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(INSTALLED): requirements.txt infra/requirements.txt jobs/local/azurite/package-lock.json
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m jobs local install
	touch $@

# The tests need the optional requirements too.
$(EXTRAS): $(INSTALLED) requirements-openvino.txt requirements-ray.txt
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.txt \
		--requirement requirements-openvino.txt --requirement requirements-ray.txt
	touch $@
