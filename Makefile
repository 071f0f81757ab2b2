# Staffroom: `make run` starts it, `make test` checks it. Both need Python 3.11 or newer and make, nothing else.
#
#   make run PORT=8123 FORUM_VAR=./var2      settings are in README.md
#   make run PYTHON=/opt/python/bin/python3  with a Python of your choice

.PHONY: run test lock bench bench-search bench-digests mutants attack chromium node

PYTHON ?=
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

ifdef PORT
export FORUM_PORT := $(PORT)
endif
export PIP_ROOT_USER_ACTION := ignore
unexport PYTHONPATH PYTHONHOME

# A .venv whose Python has gone, or that was moved here from elsewhere, is made anew.
MOVED := $(shell $(BIN)/python -c '' 2>/dev/null || rm -f .venv/*.done)

run: .venv/run.done
	@$(BIN)/python -m forum serve --demo

test: .venv/test.done chromium node
	@printf '\n== Format\n' && $(BIN)/ruff format --check --quiet --diff .
	@printf '\n== Lint\n' && $(BIN)/ruff check --quiet .
	@printf '\n== Types\n' && $(BIN)/mypy
	@printf '\n== Imports\n' && $(BIN)/lint-imports
	@printf '\n== Tests\n' && $(BIN)/python -m pytest -q -n 2 --dist loadgroup -rs $(ARGS)

bench: .venv/test.done
	@$(BIN)/python -m tests.bench $(ARGS)

# How good and how fast search is, next to BM25 and to bare PostgreSQL; an hour, or ARGS="--posts 100000" for less.
bench-search: .venv/test.done .venv/bench.done
	@$(BIN)/python -m tests.bench.search $(ARGS)

# How many digests a second are chosen, rendered and sent; a quarter of an hour, or ARGS="--members 10000" for less.
bench-digests: .venv/test.done
	@$(BIN)/python -m tests.bench.digests $(ARGS)

# Changes the policies in every small way and asks whether their tests notice; fails under 95 in 100.
mutants: .venv/test.done .venv/mutants.done
	@rm -rf mutants && $(BIN)/mutmut run --max-children 2; $(BIN)/python -m tests.mutants

# Programs that break sites, against a demo of their own, up to twenty minutes: ARGS=sqlmap runs only that one.
attack: .venv/attack.done
	@$(ATTACK)/python -m tests.attack $(ARGS)

# Brings all locks to the newest versions that pyproject.toml allows.
lock: .venv/run.done
	@$(PIP) install uv
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra test --constraint requirements.lock --output-file requirements-test.lock
	$(COMPILE) --extra test --extra mutants --constraint requirements-test.lock --output-file requirements-mutants.lock
	$(COMPILE) --extra test --extra bench --constraint requirements-test.lock --output-file requirements-bench.lock
	$(COMPILE) --extra test --extra attack --constraint requirements-test.lock --output-file requirements-attack.lock

.venv/run.done: requirements.lock
	@$(call install,$<)
	@touch $@

.venv/test.done: requirements-test.lock
	@$(call install,$<)
	@touch $@

.venv/mutants.done: requirements-mutants.lock
	@$(call install,$<)
	@touch $@

.venv/bench.done: requirements-bench.lock
	@$(call install,$<)
	@touch $@

# A place of their own, as schemathesis would put itself into our tests.
ATTACK := .venv/attack/bin
.venv/attack.done: requirements-attack.lock .venv/run.done
	@echo "Installing the packages of $<, once …"
	@$(BIN)/python -m venv .venv/attack
	@$(ATTACK)/python -m pip --quiet --disable-pip-version-check install --require-hashes --no-deps --requirement $<
	@touch $@

# The browser tests use Debian's Chromium; elsewhere they take what is there, or say that they were skipped.
chromium:
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    printf '\n== Installing Chromium for the browser tests\n'; \
	    apt-get update -qq && for name in chromium-headless-shell chromium; do \
	        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$name >/dev/null 2>&1 && exit; \
	    done; \
	fi; \
	echo "No Chromium here, so no browser tests: install the package chromium."

# A second provider for the tests of signing in runs on Node.js.
PROVIDER := tests/identities/provider
node:
	@if ! command -v npm >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    printf '\n== Installing Node.js for the tests of signing in\n'; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null; \
	fi; \
	if [ $(PROVIDER)/node_modules/.package-lock.json -nt $(PROVIDER)/package-lock.json ]; then exit; fi; \
	command -v npm >/dev/null && (cd $(PROVIDER) && npm ci --silent --no-audit --no-fund --ignore-scripts) \
	|| echo "No Node.js 18 or newer here, so half the tests of signing in elsewhere: install the packages nodejs and npm."

define install
set -e; \
[ -w . ] || { echo "No permission to write in $$(pwd), where .venv belongs. Make the folder yours, or clone it elsewhere." >&2; exit 1; }; \
if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
    for python in $(PYTHONS); do \
        if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
    done; \
    if [ -z "$$found" ]; then \
        echo "Staffroom needs Python 3.11 or newer, which is not here. Debian, Ubuntu: apt-get install python3 python3-venv." \
            "macOS: brew install python. Elsewhere installed: make run PYTHON=/path/to/python3" >&2; \
        exit 1; \
    fi; \
    if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
        echo "$$found comes without its module venv. Debian, Ubuntu: apt-get install python3-venv, then again." >&2; \
        exit 1; \
    fi; \
    echo "Preparing .venv with $$($$found --version) …"; \
    $$found -m venv --clear .venv; \
fi; \
echo "Installing the packages of $(1), once …"; \
$(PIP) install --require-hashes --no-deps --requirement $(1) || { \
    echo "The packages could not be installed; the reason is above. They come from the network: check that it is there," \
        "or name your own package index with PIP_INDEX_URL." >&2; \
    exit 1; \
}
endef
