# The workshop. `make` alone prints what there is.
# Needs git, make and Python >= 3.11 with venv; everything else is made or fetched here, pinned by hash.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-deep test-hosting test-deps check bench man dist deb lock clean

# python3 where it is new enough, else the newest there is.
PYTHON ?= $(shell for name in python3 python3.{15,14,13,12,11}; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
LOCK := uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(if $(UPGRADE),--upgrade)
# One more than there are cores, four at most: the tests of whole daemons mostly wait for them.
SIDE_BY_SIDE := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) < 3 ? $$(getconf _NPROCESSORS_ONLN) + 1 : 4 )))
SERVERS := dovecot-imapd dovecot-lmtpd postfix postgresql systemd man-db

help: ## print this
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## play a short story with a real daemon on this machine, then stay up for your own mail client
	@$(BIN)/maild demo

test: $(READY) ## run the tests and judge their coverage
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest --numprocesses $(SIDE_BY_SIDE) --max-worker-restart 0 --dist loadgroup
	@$(BIN)/coverage combine --quiet
	@if [ "$$(cat .pytest_cache/v/maild/skipped)" = "[]" ]; then \
		$(BIN)/coverage report && $(BIN)/coverage report --include 'maild/playbook/*' --fail-under 100; \
	else \
		echo "Coverage is judged only where no test is skipped."; \
	fi

test-deep: $(READY) ## run the slow tests too: corpora, crash loops, many more random cases
	@$(BIN)/python -m pytest -m "" --hypothesis-profile deep --timeout 1800

test-hosting: $(READY) ## as root: type what README.md and docs/hosting.md say, on a clean machine inside this one
	@$(BIN)/python -m pytest -m deep tests/whole/test_hosting.py

test-deps: ## install the servers that the tests talk to (Debian, Ubuntu); starts none of them
	@.ci/apt-install $(SERVERS)

check: $(READY) ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## measure against the cheapest honest pipeline, one JSON line each
	@$(BIN)/python -m bench

man: $(READY) ## write docs/maild.1, the manual page, from the commands
	@$(BIN)/python package/manual.py docs/maild.1

dist: $(READY) ## build the wheel and the source archive into dist/, the same bytes each time
	@$(BIN)/python -m hatchling build

deb: dist ## build the Debian package into dist/, for the Python and the processor of this machine
	@PIP="$(BIN)/python -m pip" package/deb dist/maild-$$($(BIN)/hatchling version)-py3-none-any.whl

lock: $(READY) ## write both lock files anew; UPGRADE=1 takes the newest releases
	$(BIN)/$(LOCK) --output-file requirements.lock >/dev/null
	$(BIN)/$(LOCK) --extra postgresql --extra demo --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock >/dev/null

clean: ## remove the virtual environment and everything else that was made here
	rm -f $(VENV)/locked $(READY)
	rm -rf $(VENV) build dist demo-data .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is the last step of its recipe: an environment whose making was broken off has none and is made again from the start.
$(VENV)/locked: requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "maild needs Python 3.11 or newer: install it, or say where it is: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| .ci/apt-install "$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
	@echo "Making the virtual environment $(VENV) with $$($(PYTHON) --version): a minute, only this once ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement $<
	@touch $@

$(READY): $(VENV)/locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
