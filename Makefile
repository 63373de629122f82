# `make lab` and `make test` set everything up by themselves, in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PHOTO ?=
# Where `make publish-to` publishes, as owner/name.
REPOSITORY ?=
# A file of versions that narrows the ranges, such as .ci/oldest.txt.
CONSTRAINTS ?=
# A folder of wheels, made by `make wheels`, to set up from without a network.
WHEELS ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS)) \
  $(if $(WHEELS),--no-index --find-links "$(WHEELS)")
# Disk space for an environment, mostly for TensorFlow, and for the downloads.
GIGABYTES := 4
# A folder of reveal.js for the slides; without it they load it from the network.
REVEAL ?=
IMAGE ?= showtell
# The lock files hold for every Python from 3.11 on and for every processor; wheels only.
LOCK := $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 \
  --generate-hashes --only-binary :all: --constraint requirements.txt \
  --override container/tensorflow.txt --custom-compile-command "make lock"
# JupyterLab refuses root unless told, and rented machines often have no other user.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# Processes that run the tests, each with up to 4 GB of memory.
WORKERS ?= 2
# Each process takes one test file or notebook at a time, in the order of tests/conftest.py.
SHARED_OUT := --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder
# Each of them computes on one thread: two on each processor would wait for each other. `make
# kernels` leaves the threads to TensorFlow, as learners do.
ONE_THREAD := TF_NUM_INTRAOP_THREADS=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# What `make bench` measures: mini, or the path of another model.
MODEL ?= mini
# `make fuzz`: how many inputs it tries, in how many seconds at most, with which seed.
INPUTS ?= 100000
SECONDS ?= 1500
SEED ?= 0
# Settings that make TensorFlow and NumPy add up in another order, as on other processors. `make
# kernels` runs the notebooks once with each; `default` changes nothing.
KERNELS ?= default TF_ENABLE_ONEDNN_OPTS=0 ONEDNN_MAX_CPU_ISA=AVX2 OMP_NUM_THREADS=1
# Ray makes way for every other process; beside a second one of tests its own would stand still.
RAY := RAY_worker_niceness=0
NBVAL := $(BIN)/python -m pytest --nbval --nbval-sanitize-with notebooks/sanitize.cfg

.DEFAULT_GOAL := help
.PHONY: help lab test check kernels browser caption notebooks pictures publish-to doctor bench slides pages preview image lock wheels fuzz clean

help:  ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

lab: $(VENV)/lab  ## set up, open JupyterLab at the first notebook
	$(BIN)/jupyter lab $(AS_ROOT) notebooks/00_caption_a_photo.ipynb

test: $(VENV)/test check  ## set up, run every test
	$(ONE_THREAD) $(NBVAL) $(SHARED_OUT) tests notebooks

check: $(VENV)/test  ## lint, formatting, plan of the library, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	MYPY_NUM_WORKERS=$(WORKERS) $(BIN)/mypy

kernels: $(VENV)/test  ## run every notebook as on other processors; a cell that differs fails
	@failed=; for kernels in $(KERNELS); do \
	  echo "== $$kernels"; \
	  env $(RAY) $${kernels#default} $(NBVAL) $(SHARED_OUT) notebooks || failed="$$failed $$kernels"; \
	done; test -z "$$failed" || { echo "Cells differ or fail with:$$failed"; exit 1; }

fuzz: $(VENV)/test  ## try every reader on files edited at random (INPUTS=100000 SECONDS=1500)
	$(BIN)/python -m tests.fuzzing --inputs $(INPUTS) --seconds $(SECONDS) --seed $(SEED)

browser: $(VENV)/test  ## run every notebook in JupyterLab, in the browser
	SHOWTELL_ALL_NOTEBOOKS=1 $(BIN)/python -m pytest tests/browser

caption: $(VENV)/lab  ## caption PHOTO=file (a sample photo where none is given)
	$(BIN)/showtell caption $(if $(PHOTO),"$(PHOTO)",--sample chelsea)

notebooks: $(VENV)/lab  ## execute every notebook in place, and save it in the one form
	$(BIN)/python notebooks/renew.py

pictures: $(VENV)/lab  ## draw the README's pictures anew, with their alt texts
	$(BIN)/python notebooks/readme_pictures.py

publish-to: $(VENV)/lab  ## give this copy a home on GitHub: REPOSITORY=owner/name
	@$(BIN)/python notebooks/publish.py "$(REPOSITORY)"

doctor: $(VENV)/lab  ## check that this machine is ready for the notebooks
	@$(BIN)/showtell doctor

bench: $(VENV)/lab  ## measure speed: start-up, and every search against a baseline
	$(BIN)/python benchmarks/cold_start.py --model $(MODEL)
	$(BIN)/python benchmarks/speed.py --model $(MODEL)
	$(BIN)/python benchmarks/streaming.py
	$(BIN)/python benchmarks/notebooks.py

image:  ## build the container images: JupyterLab (showtell) and the API (showtell:api)
	docker build --target lab --tag $(IMAGE) .
	docker build --target api --tag $(IMAGE):api .

lock: $(VENV)/lab  ## pin the newest packages that fit for the container, with hashes
	$(INSTALL) uv
	rm -f container/*.lock
	$(LOCK) --extra serve --extra notebooks container/tensorflow.txt pyproject.toml -o container/lab.lock
	$(LOCK) --extra serve -c container/lab.lock container/tensorflow.txt pyproject.toml -o container/api.lock
	echo 'hatchling>=1.24' | $(LOCK) - -o container/wheel.lock

slides: $(VENV)/lab  ## make the workshop's slides, in slides/ (REVEAL=folder: without a network)
	$(BIN)/python notebooks/workshop/make_slides.py $(if $(REVEAL),--reveal "$(REVEAL)")

wheels: | $(BIN)/python  ## download all packages into wheels/, for machines without a network
	$(PIP) download --quiet --dest $(if $(WHEELS),"$(WHEELS)",wheels) \
	  pip hatchling editables -r requirements.txt

pages: $(VENV)/site  ## make the web site, in pages/: notebooks to read, searches, reference
	$(BIN)/python notebooks/pages.py pages

preview: pages  ## make the web site, open it in the browser
	$(BIN)/python -m webbrowser "file://$(CURDIR)/pages/index.html"

clean:  ## remove the environment and caches
	rm -rf $(VENV) slides pages .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null || { echo "$$NO_PYTHON"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "This is $$($(PYTHON) --version 2>&1). $$OLD_PYTHON"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$$NO_VENV"; exit 1; }
	@$(PYTHON) -c 'import shutil, sys; sys.exit(shutil.disk_usage(".").free < $(GIGABYTES)e9)' || \
	  { echo "$$NO_DISK"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$$VENV_FAILED"; exit 1; }

# A marker file per kind of set-up: it is redone when the requirements change.
$(VENV)/lab: requirements.txt pyproject.toml | $(BIN)/python
	@test -z "$(WHEELS)" || test -d "$(WHEELS)" || { echo "$$NO_WHEELS"; exit 1; }
	@echo "Installing the packages into $(VENV); this takes some minutes."
	@{ $(INSTALL) --upgrade pip && $(INSTALL) -r requirements.txt -e .; } || { $(EXPLAIN); exit 1; }
	@touch $@

$(VENV)/test: $(VENV)/lab
	@$(INSTALL) -e '.[test,notebooks]' || { $(EXPLAIN); exit 1; }
	@touch $@

$(VENV)/site: $(VENV)/lab
	@$(INSTALL) -e '.[site]' || { $(EXPLAIN); exit 1; }
	@touch $@

# What can fail on the way, and what to do about it.
EXPLAIN = echo; echo "$$$(if $(WHEELS),WHEELS_FAILED,PIP_FAILED)"

define NO_PYTHON
There is no command $(PYTHON). Install Python 3.10 or newer.
If it has another name: make PYTHON=python3.12 ...
endef

define OLD_PYTHON
Python 3.10 or newer is needed.
Install one, then: make PYTHON=python3.12 ...
endef

define NO_VENV
The package python3-venv is missing. On Debian or Ubuntu:
  sudo apt install python3-venv
endef

define NO_DISK
Less than $(GIGABYTES) GB are free on this disk, too little for the packages.
Delete something, or move this folder to another disk; then try again.
endef

define VENV_FAILED
Python could not make the environment $(VENV); the lines above say why.
endef

define NO_WHEELS
There is no folder $(WHEELS). WHEELS= takes one that `make wheels` has filled.
endef

define WHEELS_FAILED
The packages could not be installed from $(WHEELS); the lines above say why.
- A wheel is missing or not supported? Run `make wheels` on a machine with the same system and
  the same version of Python, and bring that folder here.
- No space left? Delete something, `make clean`, then try again.
endef

define PIP_FAILED
The packages could not be installed; the lines above say why.
- No network? On a machine with the same system and the same version of Python that has one, run
  `make wheels`. Bring the folder wheels here, then: make WHEELS=wheels lab
- A proxy? Set HTTPS_PROXY to its address, then try again.
- No tensorflow for this Python? It may be too new: `make clean`, then make PYTHON=python3.12 ...
- No space left? Delete something, `make clean`, then try again.
endef

export NO_PYTHON OLD_PYTHON NO_VENV NO_DISK VENV_FAILED NO_WHEELS WHEELS_FAILED PIP_FAILED
