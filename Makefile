# Python 3.11 with venv, pip and make is all that has to be there. `make` alone says what can be done.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes
SOURCES := arqueue data screens tests benchmarks docs
LOCK := requirements/build.txt requirements/product.txt requirements/tryton.txt requirements/web.txt requirements/dev.txt

.PHONY: bench-gate help demo demo-tryton tryton test soak check format docs screenshots docs-drift system lock clean
.DELETE_ON_ERROR:

help:
	@echo "make demo         a demo company on the sandbox ledger, in the terminal"
	@echo "make demo-tryton  the same on a real Tryton"
	@echo "make tryton       install Tryton beside the product, for arqueue demo --peer tryton"
	@echo "make test         install what the tests need and run them all (T='-k money' to choose, WORKERS=1)"
	@echo "make soak         a million simulated schedules (SEEDS=, FROM=, PROCESSES=, KEEP=), then every mutant"
	@echo "make bench-gate   the speed of the face has not got worse: ratios and counts, never times"
	@echo "make check        format, lint, types, import contracts, docs"
	@echo "make format       put the code in order"
	@echo "make docs         write what in docs/ is made from the program"
	@echo "make screenshots  draw the screens in docs/ from the demo company"
	@echo "make lock         renew the locked dependencies"
	@echo "make clean        remove the environment and what was built"

demo: $(VENV)/.product
	@$(BIN)/arqueue demo

demo-tryton: $(VENV)/.tryton
	@$(BIN)/arqueue demo --peer tryton

tryton: $(VENV)/.tryton

# Files are dealt to so many processes: what one needs (a Tryton, a browser) is started once in a file.
WORKERS ?= 2

test: $(VENV)/.dev system
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(T)

SEEDS ?= 1000000
FROM ?= 0
PROCESSES ?= 2
KEEP ?= .soak.json

# What is interrupted goes on where it was: KEEP says how far it is, with all counts.
soak: $(VENV)/.dev
	$(BIN)/python -m tests.faults.simulator --seeds $(SEEDS) --from $(FROM) --processes $(PROCESSES) --keep $(KEEP)
	$(BIN)/python -m tests.faults.simulator --mutants --seeds 10000 --processes $(PROCESSES)

bench-gate: $(VENV)/.dev
	$(BIN)/python -m benchmarks.gate

check: $(VENV)/.dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory docs-drift

format: $(VENV)/.dev
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

docs: $(VENV)/.dev
	$(BIN)/python -m docs.generate

screenshots: $(VENV)/.dev
	$(BIN)/python -m docs.screenshots

docs-drift: $(VENV)/.dev
	@$(BIN)/python -m docs.generate --check
	@$(BIN)/python -m docs.screenshots --check

# ---- the environment. Each stamp says that what it names was installed as the lock files then stood.

# pip comes last into a new environment: where it is missing, venv was interrupted and starts over.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "arqueue needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.project: requirements/build.txt pyproject.toml | $(BIN)/pip
	$(INSTALL) -r requirements/build.txt
	$(PIP) install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/.product: requirements/product.txt $(VENV)/.project
	$(INSTALL) -r requirements/product.txt
	@touch $@

$(VENV)/.tryton: requirements/tryton.txt $(VENV)/.project
	$(INSTALL) -r requirements/tryton.txt
	@touch $@ $(VENV)/.product

$(VENV)/.dev: requirements/dev.txt $(VENV)/.project
	$(INSTALL) -r requirements/dev.txt
	@touch $@ $(VENV)/.product $(VENV)/.tryton

# What the tests need of the system itself: terminal multiplexers, a tracer of system calls, an ssh server, a browser.
system:
	@command -v tmux >/dev/null && command -v strace >/dev/null && command -v screen >/dev/null && \
	  [ -x /usr/sbin/sshd ] && command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && \
	  command -v apt-get >/dev/null && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends tmux strace screen openssh-server chromium; } || \
	  { echo "The tests need tmux, strace, screen, sshd and chromium: install them (apt-get install tmux strace screen openssh-server chromium), then run this again." >&2; exit 1; }

# ---- the lock: dev.txt is resolved first, the others are parts of it. LOCK_OPTIONS= keeps what is locked as far
# as pyproject.toml allows. uv lives in an environment that is thrown away; no file names an index.
UV := 0.13.9
LOCK_OPTIONS ?= --upgrade
COMPILE = "$$folder/bin/uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate $(LOCK_OPTIONS)

lock:
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PYTHON) -m venv "$$folder"; "$$folder/bin/python" -m pip install --quiet uv==$(UV); \
	unset UV_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS; \
	$(COMPILE) --extra test --extra tryton --extra web --group check --group build -o requirements/dev.txt; \
	$(COMPILE) -c requirements/dev.txt --extra tryton -o requirements/tryton.txt; \
	$(COMPILE) -c requirements/dev.txt --extra web -o requirements/web.txt; \
	$(COMPILE) -c requirements/dev.txt -o requirements/product.txt; \
	$(subst pip compile pyproject.toml,pip compile,$(COMPILE)) -c requirements/dev.txt --group build -o requirements/build.txt; \
	if grep -nE '(://|^-|@ )' $(LOCK); then echo "A lock file names a place: see above." >&2; exit 1; fi

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find $(filter-out $(VENV),$(wildcard arqueue data screens tests benchmarks docs)) -name __pycache__ -prune -exec rm -rf {} +
