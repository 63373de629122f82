# `make lab` and `make test` set everything up by themselves, in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PHOTO ?=
# A file of versions that narrows the ranges, such as .ci/oldest.txt.
CONSTRAINTS ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS))
IMAGE ?= showtell
# For every Python from 3.11 on and every processor; wheels only.
LOCK := $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 \
  --generate-hashes --only-binary :all: --constraint requirements.txt \
  --override container/tensorflow.txt --custom-compile-command "make lock"
# What `make bench` measures: mini, or the path of another model.
MODEL ?= mini

.DEFAULT_GOAL := help
.PHONY: help lab test check caption notebooks bench image lock clean

help:  ## say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

lab: $(VENV)/lab  ## set up, open JupyterLab at the first notebook
	$(BIN)/jupyter lab notebooks/00_caption_a_photo.ipynb

test: $(VENV)/test check  ## set up, run every test
	$(BIN)/python -m pytest --nbval --nbval-sanitize-with notebooks/sanitize.cfg tests notebooks

check: $(VENV)/test  ## lint, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

caption: $(VENV)/lab  ## caption PHOTO=file (a sample photo where none is given)
	$(BIN)/showtell caption $(if $(PHOTO),"$(PHOTO)",--sample chelsea)

notebooks: $(VENV)/lab  ## execute every notebook in place, in one form
	$(BIN)/python notebooks/renew.py

bench: $(VENV)/lab  ## measure speed: start-up, and every search against a baseline
	$(BIN)/python benchmarks/cold_start.py
	$(BIN)/python benchmarks/speed.py --model $(MODEL)
	$(BIN)/python benchmarks/notebooks.py

image:  ## build the container images: JupyterLab (showtell) and the API (showtell:api)
	docker build --target lab --tag $(IMAGE) .
	docker build --target api --tag $(IMAGE):api .

lock: $(VENV)/lab  ## choose the container's packages anew, the newest that fit, with hashes
	$(INSTALL) uv
	rm -f container/*.lock
	$(LOCK) --extra serve --extra notebooks container/tensorflow.txt pyproject.toml -o container/lab.lock
	$(LOCK) --extra serve -c container/lab.lock container/tensorflow.txt pyproject.toml -o container/api.lock
	echo 'hatchling>=1.24' | $(LOCK) - -o container/wheel.lock

clean:  ## remove the environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Python 3.10 or newer is needed; this is $$($(PYTHON) --version 2>&1)."; \
	    echo "Install one, then: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "The package python3-venv is missing. On Debian or Ubuntu:"; \
	    echo "  sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A marker file per kind of set-up: it is redone when the requirements change.
$(VENV)/lab: requirements.txt pyproject.toml | $(BIN)/python
	$(INSTALL) --upgrade pip
	$(INSTALL) -r requirements.txt -e .
	@touch $@

$(VENV)/test: $(VENV)/lab
	$(INSTALL) -e '.[test,notebooks]'
	@touch $@
