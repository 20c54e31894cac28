# demo, test, test-all, check, chaos, soak, fuzz, audit, lock, sbom, pictures, engine, engine-all, rehearse, bench, bench-publish, clean. A target creates .venv if it is missing, and updates it if the locks changed.
# Every package is installed from a lock, which has the hashes of its files (`make lock`).
# TORCH=cpu: on Linux, PyTorch's build for processors, gigabytes smaller. It counts when PyTorch is installed first. It is
# the one build without hashes: PyTorch's own index has it, in the versions of requirements-laptop.txt.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check
LAPTOP := .venv/installed-laptop
ALL := .venv/installed
EXTRAS := .venv/extras
IMAGES ?=
export IMAGES
TORCH ?=
# https://pytorch.org/get-started/locally: the same versions, marked +cpu, which pip takes for newer than the others.
TORCH_INDEX := --extra-index-url https://download.pytorch.org/whl/cpu
INSTALL_TORCH_cpu = $(PIP) $(TORCH_INDEX) --no-deps $$(grep -o '^torch[a-z]*==[0-9.]*' requirements-laptop.txt)
INSTALL_TORCH_ = $(PIP) --require-hashes --no-deps --requirement requirements-torch.lock
ifeq ($(filter cpu,$(TORCH))$(if $(TORCH),,empty),)
$(error TORCH is `cpu` or empty, not `$(TORCH)`)
endif

# A command that needs Pulumi. Without it the target says in one line how to get it, and succeeds.
WITH_PULUMI = @if command -v pulumi >/dev/null; then echo '$(1)'; $(1); else echo '$(GET_PULUMI)'; fi
GET_PULUMI := Skipped, because Pulumi is not on PATH: https://www.pulumi.com/docs/install/, or tests/engine/build.sh FOLDER

.PHONY: demo test test-all check chaos soak fuzz audit lock sbom pictures engine engine-all rehearse bench bench-publish clean

demo: $(LAPTOP)
	$(BIN)/python -m jobs demo $(if $(IMAGES),--images "$$IMAGES")

# Two processes, each with services of its own. The tests of a file run in one process, because they share fixtures.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder
test: $(EXTRAS)
	$(PYTEST) -m "not engine and not exhaustive and not chaos"

# Every kill point, too.
test-all: $(EXTRAS)
	$(PYTEST) -m "not engine and not chaos"

check: $(ALL)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The pictures of the README, docs/pictures: needs chromium. The tests of what is heard, with more faces.
pictures: $(EXTRAS)
	WRITE_PICTURES=1 BROWSER_REQUIRED=1 $(BIN)/python -m pytest tests/jobs/app/test_heard.py

# Pulumi's own engine on the played Azure: the most important of its tests, in five minutes at most.
engine: $(ALL)
	$(call WITH_PULUMI,$(BIN)/python -m pytest tests/engine -m "engine and not exhaustive" --numprocesses 2 --dist worksteal)

# Every mode and kill point, in half an hour.
engine-all: $(ALL)
	$(call WITH_PULUMI,$(BIN)/python -m pytest tests/engine -m engine --numprocesses 2 --dist worksteal)

# Every command of docs/azure.md, typed. Nothing of it is Azure.
rehearse: $(ALL)
	$(call WITH_PULUMI,$(BIN)/python -m tests.engine.rehearse)

# Faults, attacks and bad input, in fifteen minutes at most. `make chaos WRITE=--write` publishes the figures.
chaos: $(EXTRAS)
	$(BIN)/python -m tests.chaos $(WRITE)

# All commands in a loop for an hour, beside an open page: nothing grows. `make soak WRITE=--write` publishes the figures.
soak: $(EXTRAS)
	$(BIN)/python -m tests.chaos --soak $(WRITE)

# Each reader of foreign bytes, fuzzed with the guidance of its coverage, in ten minutes. Atheris has wheels for Linux.
fuzz: $(EXTRAS)
	$(PIP) --quiet --no-deps --upgrade --target .venv/fuzz atheris==3.0.0
	PYTHONPATH=.venv/fuzz $(BIN)/python -m tests.chaos --fuzz $(WRITE)

# Known vulnerabilities of what the locks name, Python's and npm's packages. It asks their services.
audit: $(ALL)
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/python -m pip install --disable-pip-version-check --quiet pip-audit==2.9.0
	$(BIN)/python -m tests.supply.audit .venv/audit/bin/pip-audit

# The locks again, after a change of the requirements. `make lock UPGRADE=--upgrade` takes newer versions of the rest too.
lock: $(ALL)
	$(PYTHON) -m venv .venv/uv
	.venv/uv/bin/python -m pip install --disable-pip-version-check --quiet uv==0.13.9
	$(BIN)/python -m tests.supply.write_locks .venv/uv/bin/uv $(UPGRADE)

# Everything that can be installed, for scanners: report/sbom.json, CycloneDX. It asks no network.
sbom: $(ALL)
	$(BIN)/python -m tests.supply.sbom report/sbom.json

# Results in report/bench, which git ignores.
bench: $(ALL)
	$(BIN)/python -m jobs bench

# The published figures: bench/results.json and bench/bench.png.
bench-publish: $(ALL)
	$(BIN)/python -m jobs bench --out bench

clean:
	[ ! -d .local ] || [ ! -x $(BIN)/python ] || $(BIN)/python -m jobs local down
	rm -rf .venv .local report .hypothesis .mypy_cache .pytest_cache .ruff_cache

# What the laptop's jobs need. The first step says in one sentence why this Python or computer cannot run them.
$(LAPTOP): requirements-torch.lock requirements-laptop.lock jobs/local/azurite/package-lock.json
	$(PYTHON) -m jobs.computer
	$(PYTHON) -m venv .venv
	$(INSTALL_TORCH_$(TORCH))
	$(PIP) --require-hashes --requirement requirements-laptop.lock
	$(BIN)/python -m jobs local install
	touch $@

$(ALL): $(LAPTOP) requirements.lock
	$(PIP) --require-hashes --requirement requirements.lock
	touch $@

# The tests need the optional requirements too.
$(EXTRAS): $(ALL) requirements-extras.lock
	$(PIP) --require-hashes --requirement requirements-extras.lock
	touch $@
