# Two commands on a fresh machine: `make demo` and `make test`. Everything else is for people who change the code.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
# The system's Node where there is one; else the one that comes as a Python package.
NPM    := $(shell command -v npm || echo $(CURDIR)/$(BIN)/npm)

.PHONY: demo test lint bench docs web lock clean

demo: $(VENV)/installed web
	$(BIN)/tocsin demo

test: $(VENV)/installed web
	cd web && $(NPM) test
	$(BIN)/python -m pytest

lint: $(VENV)/installed web/node_modules/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd web && $(NPM) run check

bench: $(VENV)/installed
	$(BIN)/tocsin bench chain

docs: $(VENV)/installed
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

web: src/tocsin/service/static/index.html

src/tocsin/service/static/index.html: web/node_modules/installed $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)
	cd web && $(NPM) run build

web/node_modules/installed: web/package-lock.json $(VENV)/installed
	cd web && $(NPM) ci --no-audit --no-fund --silent
	touch $@

# Built in place; a second call finds nothing to do.
$(VENV)/installed: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

lock:
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--group dev --group docs --group web pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) web/node_modules src/tocsin/service/static docs/_build
