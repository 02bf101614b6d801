# Everything here works from a fresh clone with nothing but python3 (3.8 to 3.12) and its venv.
#   make lyrics   train on the bundled lyrics and write new ones
#   make test     prove the package against the originals, in minutes
#   make help     the rest

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=

.DEFAULT_GOAL := help

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

lyrics: $(VENV)/.plot ## train on the bundled lyrics, write new ones, save model and plot in runs/
	$(BIN)/gluonrnn train --corpus lyrics --epochs 250 $(ARGS)

# Two workers that share two cores must not ask for two threads each.
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n logical --dist worksteal $(COVERAGE)
COVERAGE = --cov --cov-config=pyproject.toml --cov-report=

test: $(VENV)/.test ## run the tests of every change, in minutes; with ARGS, the tests named there
ifeq ($(ARGS),)
	$(PYTEST) -m 'not slow' --cov-fail-under=0
else
	$(BIN)/python -m pytest -q $(ARGS)
endif

test-all: $(VENV)/.test ## run the slow rest of the tests, and measure what both reach
	@test -f .coverage || $(MAKE) test
	$(PYTEST) -m slow --cov-append --cov-report=term

lint: $(VENV)/.lint ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.lint ## check types
	$(BIN)/mypy

SPHINX = $(BIN)/python -m sphinx -q -W --keep-going -b html -c docs

docs: $(VENV)/.docs ## build the site, in both languages, into docs/_build/html, warnings as errors (minutes at first)
	@$(SPHINX) docs/en docs/_build/html/en & english=$$!; \
	  $(SPHINX) -D language=zh_CN docs/zh-cn docs/_build/html/zh-cn; chinese=$$?; wait $$english && exit $$chinese
	cp docs/start.html docs/_build/html/index.html

docs-serve: $(VENV)/.docs ## open the built site in a browser
	@test -f docs/_build/html/index.html || $(MAKE) docs
	$(BIN)/python docs/serve.py $(ARGS)

docs-check: $(VENV)/.docs-check ## open every page of the built site in headless Chromium, and look for faults (needs chromium)
	@test -f docs/_build/html/index.html || $(MAKE) docs
	cd docs && $(abspath $(BIN))/python -m doctest translations.py _ext/*.py
	$(BIN)/python docs/check.py $(ARGS)

results: $(VENV)/.plot ## measure the published perplexities anew (25 minutes; GLUONRNN_DATA must name the texts' folder)
	$(BIN)/python benchmarks/published_perplexity.py $(ARGS)

bench: $(VENV)/.bench ## measure speed beside the published packages and PyTorch, into build/bench (7 minutes)
	$(BIN)/python -m benchmarks.side_by_side $(ARGS)

scale: $(VENV)/.plot ## measure how time and memory grow with text and model, into build/scale (8 minutes)
	$(BIN)/python benchmarks/scale.py $(ARGS)

torture: $(VENV)/.test ## kill runs, fill disks, tamper with files, and see that nothing is lost (30 minutes; ARGS names some)
	$(BIN)/python -m tests.torture $(ARGS)

mutants: $(VENV)/.mutants ## break the maths piece by piece, and see whether the tests notice (half an hour; ARGS names rooms)
	$(BIN)/python -m tests.mutation $(ARGS)

audit: ## ask PyPI's advisories about all that gluonrnn installs (needs the network)
	rm -rf build/audit && $(PYTHON) -m venv build/audit/of && build/audit/of/bin/python -m pip install -q '.[notebook]'
	build/audit/of/bin/python -m pip freeze --exclude gluonrnn > build/audit/installed.txt
	$(PYTHON) -m venv build/audit/by && build/audit/by/bin/python -m pip install -q pip-audit
	build/audit/by/bin/pip-audit --strict --disable-pip --no-deps -r build/audit/installed.txt

clean: ## remove what was installed and built; runs/ stays
	rm -rf $(VENV) build dist docs/_build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A stamp for each set of packages, made anew when setup.py changes.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 8) <= sys.version_info[:2] <= (3, 12))' || { \
	  echo "gluonrnn needs Python 3.8 to 3.12, but $(PYTHON) is $$($(PYTHON) -V 2>&1): try make PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.plot: $(VENV)/bin/python setup.py
	$(PIP) install -q -e '.[plot]'
	@touch $@

$(VENV)/.test: $(VENV)/bin/python setup.py tests/oracles/install.py
	$(PIP) install -q -e '.[test]'
	$(BIN)/python tests/oracles/install.py
	@touch $@ $(VENV)/.plot

$(VENV)/.lint: $(VENV)/bin/python
	$(PIP) install -q 'ruff>=0.9' 'mypy>=1.8' 'numpy<2'
	@touch $@

$(VENV)/.docs: $(VENV)/bin/python setup.py
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] < (3, 9))' || { \
	  echo "make docs needs Python 3.9 to 3.12, but $(BIN)/python is $$($(BIN)/python -V 2>&1)" >&2; exit 1; }
	$(PIP) install -q -e '.[docs]'
	@touch $@

$(VENV)/.docs-check: $(VENV)/.docs
	$(PIP) install -q 'playwright>=1.40' 'axe-playwright-python>=0.1.4'
	@touch $@

$(VENV)/.mutants: $(VENV)/.test
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] < (3, 9))' || { \
	  echo "make mutants needs Python 3.9 to 3.12, but $(BIN)/python is $$($(BIN)/python -V 2>&1)" >&2; exit 1; }
	$(PIP) install -q 'cosmic-ray>=8.4'
	@touch $@

$(VENV)/.bench: $(VENV)/.test
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] < (3, 10))' || { \
	  echo "make bench needs Python 3.10 to 3.12, for which PyTorch 2.13 exists, but $(BIN)/python is" \
	    "$$($(BIN)/python -V 2>&1): try make bench PYTHON=python3.11 VENV=.venv-bench" >&2; exit 1; }
	$(PIP) install -q 'torch==2.13.0' || { echo "make bench needs PyTorch 2.13.0, which pip could not install" >&2; exit 1; }
	@touch $@

.PHONY: help lyrics test lint types test-all docs docs-serve docs-check results bench scale torture mutants audit clean
