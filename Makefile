VENV   ?= .venv
PYTHON ?= python3
PORT   ?= 5000
JOBS   ?= 2
T      ?=

RUN  := $(VENV)/bin/python -m
PIP  := $(RUN) pip install --quiet --disable-pip-version-check
NEED := sh tools/need.sh
NEEDED := chromium firefox webkit postgresql blockers
FULL := -n $(JOBS) --dist loadgroup --cov

.PHONY: help demo test lint bench docs gallery clean $(NEEDED)

help: ## this list
	@echo 'make demo  and  make test  need only Python 3.11 and make.'
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 8

demo: $(VENV)/ready ## a complete association site; PORT=8000 for another port
	$(RUN) examples.association --port $(PORT)

test: $(if $(T),,lint) $(VENV)/ready-to-test $(NEEDED) ## everything; T="-k gate" for a part, then without lint and coverage
	$(RUN) pytest $(or $(T),$(FULL))

lint: $(VENV)/ready-to-test ## style and types
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

bench: $(VENV)/ready-to-test chromium postgresql ## the figures that the budgets are about
	$(RUN) benchmarks

docs: $(VENV)/ready ## the table of requirements, from the tests
	$(RUN) tools.requirements

gallery: $(VENV)/ready-to-test chromium ## the pictures of the docs; ALL=1 OUT=folder for one of everything
	$(RUN) examples.association.gallery $(if $(ALL),--all) --out $(or $(OUT),$(if $(ALL),build/gallery,docs/pictures))

clean: ## remove what was built or installed here
	rm -rf $(VENV) build dist *.egg-info .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(NEEDED): $(VENV)/ready-to-test
	@$(NEED) $@ $(VENV)/bin/python

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

$(VENV)/bin/python: ;
