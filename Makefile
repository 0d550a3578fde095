VENV   ?= .venv
PYTHON ?= python3
PORT   ?= 5000
# One for each processor; more than four browsers of a kind want more memory than many have.
JOBS   ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 2 ? 2 : n > 4 ? 4 : n)))
# A test and its browser wait for each other, so one more keeps the processors busy.
BROWSER_JOBS ?= $(shell n=$$(($(JOBS) + 1)); echo $$((n > 4 ? 4 : n)))
T      ?=

RUN  := $(VENV)/bin/python -m
PIP  := $(RUN) pip install --quiet --disable-pip-version-check --no-compile
NEED := sh tools/need.sh
NEEDED := chromium firefox webkit postgresql npm strace go
ifdef CONSENTRY_LONG
NEEDED += reader
endif

# Debian's packages come while Python's are installed.
MAKEFLAGS += -j2

SHARE   := $(RUN) pytest --no-loadscope-reorder $(if $(CONSENTRY_LONG),-o faulthandler_timeout=0)
BROWSER := tests/browser
# What failed is told at the end, where everybody looks.
WHOLE   := export FAILURES=build/failures; rm -f $$FAILURES; \
	$(SHARE) -n $(BROWSER_JOBS) $(BROWSER) --cov --cov-config $(BROWSER)/coverage.ini --cov-report=; first=$$?; \
	$(SHARE) -n $(JOBS) --ignore $(BROWSER) --cov --cov-append; second=$$?; \
	cat $$FAILURES 2>/dev/null; [ $$first$$second = 00 ]

.PHONY: help demo test lint bench docs gallery packages npm whole clean

help: ## this list
	@echo 'make demo  and  make test  need only Python 3.11 and make.'
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 8

demo: $(VENV)/ready ## a complete association site; PORT=8000 for another port
	$(RUN) examples.association --port $(PORT)

test: $(if $(T),,lint) $(VENV)/ready-to-test $(VENV)/oldest packages npm ## everything; T="-k gate" for a part, CONSENTRY_LONG=1 with each variation
	$(if $(T),$(RUN) pytest $(T),$(WHOLE))

lint: $(VENV)/ready-to-test ## style and types
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) mypy --platform win32 --cache-dir .mypy_cache/win32

bench: $(VENV)/ready-to-test ## the figures that the budgets are about
	@$(NEED) all $(VENV)/bin/python chromium postgresql
	$(RUN) benchmarks

docs: $(VENV)/ready ## the table of requirements, from the tests
	$(RUN) tools.requirements

gallery: $(VENV)/ready-to-test ## the pictures of the docs; ALL=1 OUT=folder for one of everything
	@$(NEED) all $(VENV)/bin/python chromium
	$(RUN) examples.association.gallery $(if $(ALL),--all) --out $(or $(OUT),$(if $(ALL),build/gallery,docs/pictures))

clean: ## remove what was built or installed here
	rm -rf $(VENV) build dist *.egg-info .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

whole:
	$(WHOLE)

packages:
	@$(NEED) packages $(NEEDED)

# npm may be one of the packages.
npm: $(VENV)/ready-to-test packages
	@$(NEED) all $(VENV)/bin/python $(NEEDED)
	-@! $(VENV)/bin/python tools/npm.py --missing || $(VENV)/bin/python tools/npm.py

# Two stamps, so that the demo starts without waiting for the tools of the tests. A changed
# dependency, a missing environment and one that lost its Python all install again.
$(VENV)/ready: setup.cfg pyproject.toml consent/version.py $(VENV)/bin/python
	@$(NEED) venv $(PYTHON) $(VENV)
	$(PIP) --editable .
	@touch $@

$(VENV)/ready-to-test: setup.cfg pyproject.toml consent/version.py $(VENV)/bin/python
	@$(NEED) venv $(PYTHON) $(VENV)
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/ready

# What setup.cfg allows at least, in a folder that a test puts before everything else.
$(VENV)/oldest: setup.cfg tools/oldest.py $(VENV)/ready-to-test
	@rm -rf $@
	$(PIP) --target $@ $$($(RUN) tools.oldest)

$(VENV)/bin/python: ;
