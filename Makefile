# One environment in .venv, installed from requirements.lock; every target below makes sure of it.
#   make up     start the whole desk          make demo   a month of cases in a few minutes
#   make test   run all tests                 make check  ruff, mypy, import contracts, tests (CI)
#   make lock   renew requirements.lock       make clean  remove the environment and caches
#   make model  learn the delivered classifier anew from classifier/corpus/
#   make words  gather the words of the pages into their file of Chinese
# PYTHON=/path/to/python3.12 make up   chooses the interpreter (3.11, 3.12 or 3.13).

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# A second make in the same folder, or make -j, must not build the environment twice at once.
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LINKED := $(VENV)/.linked
LOG := $(VENV)/install.log
UV ?= uv
# Test files side by side, each whole in one process: most of them wait for servers they start.
SIDE_BY_SIDE := -n 3 --dist loadfile --no-loadscope-reorder
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Scripts in an environment hold the folder's address, and its interpreter may have been removed:
# one that was moved or lost its Python is built anew.
$(shell test "$$(cat $(INSTALLED) 2>/dev/null)" = "$(CURDIR)" && $(BIN)/python -c '' 2>/dev/null \
	|| rm -f $(INSTALLED) $(LINKED))

.PHONY: help up demo test check lock model words clean install

help:
	@sed -n 's/^#   /  /p' Makefile

up: install
	@exec $(BIN)/whistle up

demo: install
	@exec $(BIN)/whistle demo --cases 60

model: install
	@exec $(BIN)/python -m desk.classifier_training

words: install
	@exec $(BIN)/python -m desk.pages.gathering

test: install
	@exec $(BIN)/python -m pytest -q $(SIDE_BY_SIDE)

check: install
	@echo "ruff"; $(BIN)/ruff check .
	@echo "import contracts"; $(BIN)/lint-imports --no-logo
	@echo "mypy, beside the tests"; $(BIN)/mypy & types=$$!; \
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE); tests=$$?; wait $$types && exit $$tests

install: $(INSTALLED) $(LINKED)

# The stamp is written last: whatever was interrupted before it starts from nothing next time.
$(INSTALLED): requirements.lock
	@python=; \
	for name in $${PYTHON:-python3.11 python3.12 python3.13 python3}; do \
	  if "$$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	    >/dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Whistle needs Python 3.11, 3.12 or 3.13 with its venv module, and found none." >&2; \
	  echo "Install one (on Debian: apt-get install python3 python3-venv), or name it:" >&2; \
	  echo "  PYTHON=/path/to/python3.12 make up" >&2; \
	  exit 1; \
	fi; \
	rm -rf $(VENV); \
	echo "Setting up $(VENV) with $$("$$python" --version) (once; a minute or two)"; \
	"$$python" -m venv $(VENV); \
	$(BIN)/python -m pip install --require-hashes --only-binary :all: --progress-bar off \
	    -r requirements.lock 2>&1 | tee $(LOG) | awk -v total="$$(grep -c '^[a-z].*==' requirements.lock)" \
	  '/^(Collecting|Processing) / && ++n % 20 == 0 { print "  " n " of about " total " packages"; fflush() } \
	   /^Installing collected/ { print "  unpacking"; fflush() }' \
	  || { grep -v '^WARNING' $(LOG) | tail -n 15 >&2; \
	       echo "The installation failed; all of it is in $(LOG). Run make again to retry." >&2; exit 1; }
	@printf '%s' "$(CURDIR)" > $@

# A plain link to this folder (compat), so that new packages are seen without a new installation.
$(LINKED): pyproject.toml $(INSTALLED)
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation --no-index \
	    --config-settings editable_mode=compat -e . >>$(LOG) 2>&1 \
	  || { tail -n 15 $(LOG) >&2; exit 1; }
	@touch $@

# Needs uv (pip install uv). One file for Python 3.11 to 3.13 on every platform, without any
# index address, so that it installs from whatever index the machine is set up for.
lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	@$(UV) pip compile requirements-dev.in --output-file requirements.lock --upgrade --quiet \
	    --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links
	@echo "requirements.lock renewed: $$(grep -c '^[a-z].*==' requirements.lock) packages. Now run make check."

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	    .import_linter_cache .grimp_cache
	find . -path ./var -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
