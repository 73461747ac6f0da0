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
PYTEST := pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations 15
# A few that failed are tried once more, alone.
ALONE  := $(BIN)/python -m tests.alone

.PHONY: demo test interpreted coverage mutants fuzz lint bench docs web lock sbom clean

# Kernels are compiled behind the page, which says so.
demo: $(VENV)/installed
	@$(WEB)
	@echo "make demo: the drill begins; Ctrl-C ends it"
	@$(BIN)/tocsin demo

test: $(VENV)/kernels web
	$(WEB) test
	$(BIN)/python -m $(PYTEST) || $(ALONE) $$?

# The kernels' own tests with kernels interpreted, every branch counted; it needs none that is compiled.
interpreted: $(VENV)/installed
	$(BIN)/coverage erase
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run -m $(PYTEST) -m "not compiled" $(KERNELS)

# As `make test`, and every branch counted; after `make interpreted`. Fails below the floor in pyproject.toml, which only
# ever rises.
coverage: $(VENV)/kernels web
	$(WEB) test
	$(BIN)/coverage run -m $(PYTEST) || $(ALONE) $$?
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# What no test notices of a change to the lines that differ from origin/main; or of SAMPLE=400 in FOLDER="warn engine".
mutants: $(VENV)/kernels
	$(BIN)/python -m tests.mutants --jobs $(JOBS) --seed $(or $(SEED),0) $(if $(SAMPLE),--sample $(SAMPLE)) \
		$(foreach folder,$(FOLDER),--folder $(folder))

# Damaged inputs to every reader of what comes from outside, for MINUTES=1 of a core each; those that did harm are kept.
fuzz: $(VENV)/kernels
	$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),1) --seed $(or $(SEED),0) \
		$(foreach reader,$(READER),--reader $(reader))

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(WEB) check

bench: $(VENV)/kernels
	$(BIN)/tocsin bench chain

docs: $(VENV)/installed
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build
	@echo "the pages begin at docs/_build/index.html"

web: $(VENV)/installed
	$(WEB)

# Built in place; a second call finds nothing to do.
$(VENV)/installed: requirements.lock pyproject.toml
	@echo "make: 1 of 3, an environment in $(VENV), and uv"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "make: 2 of 3, Python packages: some 400 MB are downloaded the first time on a machine"
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@echo "make: 3 of 3, Tocsin itself"
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

# Compiles every package and kernel once, so that no command waits for it. A demo begins without: a package is compiled when
# it is first used, and of most of them it uses nothing.
$(VENV)/kernels: $(VENV)/installed
	@echo "make: packages and kernels are compiled, once: five minutes or so"
	@UV_COMPILE_BYTECODE_TIMEOUT=900 $(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@$(BIN)/python -m tocsin.service.warmup
	@touch $@

# The developers' lock, and of it what runs; the second never holds another version than the first.
lock:
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--group dev --group docs --group web pyproject.toml --output-file requirements.lock
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--constraint requirements.lock pyproject.toml --output-file requirements-run.lock

# What an installed Tocsin consists of, with licences, as CycloneDX.
sbom: $(VENV)/installed
	mkdir -p dist
	$(BIN)/python packaging/sbom.py dist/tocsin.cdx.json

clean:
	rm -rf $(VENV) .coverage* src/tocsin/__pycache__ web/node_modules src/tocsin/service/static docs/_build
