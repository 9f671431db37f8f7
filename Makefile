# Two commands matter: `make demo` and `make test`. Both make their environment in .venv first.
VENV := .venv
ifeq ($(OS),Windows_NT)
  BIN := $(VENV)/Scripts
  PYTHON ?= python
else
  BIN := $(VENV)/bin
  PYTHON ?= python3
endif
UV := $(shell command -v uv 2>/dev/null)

.PHONY: demo test fast check format docs errors fuzz bench clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.installed  ## draw the sample film, read it, open its page
	$(BIN)/punctum demo --into demo

test: check  ## every test
	$(BIN)/python -m pytest -n 2

fast: $(VENV)/.developing  ## the tests that take seconds
	$(BIN)/python -m pytest -n 2 -m "not slow and not real and not browser"

check: $(VENV)/.developing  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.developing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.developing  ## docs/tables.md and the tables of docs/measures.md from the code and its data
	$(BIN)/python docs/generate.py

errors: $(VENV)/.developing  ## measure every figure's error (some minutes); FILMS="a.mp4 b.mkv" adds real film
	$(BIN)/python benchmarks/errors.py $(FILMS)

fuzz: $(VENV)/.developing  ## 5,000 mutated files and 100 kills (an hour or so)
	$(BIN)/python benchmarks/fuzz.py --files 5000 --kills 100

bench: $(VENV)/.developing  ## cost beside decoding alone and beside the peers; FILM=path takes your own
	$(BIN)/python benchmarks/speed.py $(FILM)

# uv where it is installed, venv and pip where not
$(VENV)/.made:
ifneq ($(UV),)
	$(UV) venv --seed $(VENV)
else
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
endif
	touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml
ifneq ($(UV),)
	$(UV) pip install --quiet --python $(BIN)/python -e .
else
	$(BIN)/python -m pip install --quiet -e .
endif
	touch $@

$(VENV)/.developing: $(VENV)/.installed
ifneq ($(UV),)
	$(UV) pip install --quiet --python $(BIN)/python --group dev
else
	$(BIN)/python -m pip install --quiet --group dev
endif
	touch $@

clean:
	rm -rf $(VENV) demo dist build .pytest_cache .mypy_cache .ruff_cache
