# Two commands on a fresh machine: `make demo` and `make test`. Everything else is for people who change the code.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
# Builds, checks and tests the pages with the system's Node.js, else with the one that comes as a Python package.
WEB    := $(BIN)/python web/build.py
# What is run with kernels interpreted, where their lines and branches can be counted.
KERNELS := tests/unit/track tests/unit/forecast tests/unit/earth tests/laws/test_track_association.py

# The tests of one file run one after the other; files in order, so that the browser's come last.
JOBS   ?= $(shell nproc)
PYTEST := pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test coverage mutants lint bench docs web lock clean

demo: $(VENV)/installed web
	$(BIN)/tocsin demo

test: $(VENV)/installed web
	$(WEB) test
	$(BIN)/python -m $(PYTEST)

# As `make test`, and every branch counted: fails below the floor in pyproject.toml, which only ever rises.
coverage: $(VENV)/installed web
	$(WEB) test
	$(BIN)/coverage erase
	$(BIN)/coverage run -m $(PYTEST)
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run -m $(PYTEST) -m "not compiled" $(KERNELS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# What no test notices of a change to the lines that differ from origin/main; or of SAMPLE=400 in FOLDER="warn engine".
mutants: $(VENV)/installed
	$(BIN)/python -m tests.mutants --jobs $(JOBS) --seed $(or $(SEED),0) $(if $(SAMPLE),--sample $(SAMPLE)) \
		$(foreach folder,$(FOLDER),--folder $(folder))

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(WEB) check

bench: $(VENV)/installed
	$(BIN)/tocsin bench chain

docs: $(VENV)/installed
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

web: $(VENV)/installed
	$(WEB)

# Built in place; a second call finds nothing to do.
$(VENV)/installed: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	UV_COMPILE_BYTECODE_TIMEOUT=900 $(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	$(BIN)/python -m compileall -q src
	$(BIN)/python -m tocsin.service.warmup  # compiles every kernel once, so that no command waits for it
	touch $@

lock:
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--group dev --group docs --group web pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) .coverage* src/tocsin/__pycache__ web/node_modules src/tocsin/service/static docs/_build
