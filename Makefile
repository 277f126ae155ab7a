# People and CI use the same targets. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEFINITION := pyproject.toml constraints.txt scripts/install-system-packages.sh
SAMPLE := sample_data/online_retail_sample.csv.gz

# Each process that a test starts would compile the whole program anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(VENV)/ready-to-test ## Set up all that reports and tests need (the first time only)

.PHONY: report
report: $(VENV)/ready-to-report ## Build the sample report into report/
	$(BIN)/rfmreport build $(SAMPLE) --shop "Online Retail (sample)" --currency GBP --pdf -o report

.PHONY: test
test: $(VENV)/ready-to-test ## Run the tests (PYTEST_ARGS="-k scoring" for some of them)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(PYTEST_ARGS)

.PHONY: lint
lint: $(VENV)/ready-to-test ## Check style, formatting, types and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 rfmreport

# What an installed wheel can lack is what was not packed: modules, templates, fonts, schemes,
# playbooks, departments, the sample. So every module is imported, and the tests run that load these
# and that run the whole program once, from a folder that holds nothing of the source but themselves
# and their settings. What is computed is the same wherever it lies: `make test` has it.
IN_THE_WHEEL := customers/test_segments.py sections/advice/test_plays.py \
    departments/test_summaries.py mail/test_message.py pages/test_html.py pages/test_workers.py \
    cli/test_reports.py::test_the_sample_becomes_a_report_with_a_pdf \
    cli/test_reports.py::test_schemes_are_listed_and_drawn \
    cli/test_run.py::test_a_month_is_built_and_sent_once
IMPORT_ALL := import importlib, pkgutil, rfmreport; \
    [importlib.import_module(m.name) for m in pkgutil.walk_packages(rfmreport.__path__, "rfmreport.") \
    if not m.name.endswith("__main__")]

.PHONY: wheel-test
wheel-test: $(VENV)/ready-to-test ## Build the wheel and test what was packed in it
	@set -eu; \
	folder=$$(mktemp -d); \
	trap 'rm -rf "$$folder"' EXIT; \
	$(BIN)/python -m build --no-isolation --wheel --outdir "$$folder/dist" . >/dev/null; \
	wheel=$$(echo "$$folder"/dist/*.whl); \
	$(BIN)/python -m venv "$$folder/venv"; \
	"$$folder/venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps "$$wheel"; \
	where='import sysconfig; print(sysconfig.get_path("purelib"))'; \
	$(BIN)/python -c "$$where" > "$$("$$folder/venv/bin/python" -c "$$where")/needed.pth"; \
	mkdir "$$folder/away"; \
	cp -R tests pyproject.toml "$$folder/away/"; \
	shared="$$(cd .. && pwd)/shared"; \
	cd "$$folder/away"; \
	unset PYTHONPATH; \
	"$$folder/venv/bin/rfmreport" --help >/dev/null; \
	"$$folder/venv/bin/python" -c '$(IMPORT_ALL)'; \
	RFMREPORT_SHARED_DIR="$$shared" "$$folder/venv/bin/python" -m pytest -m "not needs_source" \
	    --numprocesses 2 --dist loadfile $(addprefix tests/,$(IN_THE_WHEEL)) $(PYTEST_ARGS)

.PHONY: benchmark
benchmark: $(VENV)/ready-to-benchmark ## Measure time and memory against the alternatives
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/scale.py

.PHONY: clean
clean: ## Remove what the targets made, the environment too
	rm -rf $(VENV) report dist .pytest_cache .hypothesis .mypy_cache .ruff_cache

# The stamp files stand for what has been installed, so that a second run does nothing and needs no
# network. Hatchling is installed first, so that the package is built with its pinned version.
define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "rfmreport needs Python 3.11 or later, and $(PYTHON) is not:" \
	        "install one, then say 'make PYTHON=python3.11 $(MAKECMDGOALS)'" >&2; exit 1; }
	@PYTHON=$(PYTHON) scripts/install-system-packages.sh $(1)
	@test -x $(BIN)/hatchling || { \
	    $(PYTHON) -m venv $(VENV) && $(PIP) install --quiet --constraint constraints.txt hatchling; }
	@echo "Installing the Python packages; the first time takes a minute or two"
	@$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable "$(2)"
	@touch $@
endef

$(VENV)/ready-to-report: $(DEFINITION)
	$(call environment,,.)

$(VENV)/ready-to-test: $(DEFINITION)
	$(call environment,--test,.[dev])
	@touch $(VENV)/ready-to-report

$(VENV)/ready-to-benchmark: $(DEFINITION)
	$(call environment,,.[bench])
	@touch $(VENV)/ready-to-report
