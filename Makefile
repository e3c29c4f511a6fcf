# Everything here works on a machine with Python 3.11, pip and make: no account, key, hub or service.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SAMPLE := kb_ingest/sample/shop
export HF_HUB_OFFLINE ?= 1
export TRANSFORMERS_OFFLINE ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.PHONY: help run test check model format install sample weights lock bench clean

help:            ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $(STAMP)

install: $(STAMP)    ## set up .venv from the lock file

sample: $(STAMP)     ## index the sample help centre (only what changed)
	$(BIN)/souffleur kb ingest $(SAMPLE)

run: sample          ## demo shop at http://127.0.0.1:8000/, operators at /console
	$(BIN)/souffleur serve --port $(PORT)

test: check model    ## checks, then the whole test suite
	$(BIN)/python -m pytest

model: $(STAMP)      ## fetch a small language model for the tests (1.1 GB, once; without it they skip)
	-$(BIN)/python -m eval.bench.local_model fetch

check: $(STAMP)      ## format, lint, types, import rules
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)     ## rewrite the code in the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

weights: $(STAMP)    ## fit everything that ships on the shipped texts (about an hour on two cores)
	$(BIN)/souffleur eval fit encoder
	$(BIN)/souffleur eval fit heads
	$(BIN)/souffleur eval fit crowd
	$(BIN)/souffleur eval fit usual
	$(BIN)/souffleur eval fit grounding
	$(BIN)/souffleur kb ingest $(SAMPLE)
	$(BIN)/souffleur eval fit confidence eval/datasets/shop/dialogs_ru.jsonl eval/datasets/shop/dialogs_en.jsonl

bench: $(STAMP)      ## speed and memory of ingest and of serving
	$(BIN)/python -m eval.bench.serving

lock:                ## pin the newest versions that pyproject.toml allows
	rm -rf .lock-venv && $(PYTHON) -m venv .lock-venv
	.lock-venv/bin/python -m pip install --quiet torch==2.13.0
	.lock-venv/bin/python -m pip install --quiet ".[models,train,dev]"
	.lock-venv/bin/python -m pip uninstall --quiet --yes souffleur
	.lock-venv/bin/python -m pip freeze | sed 's/+cpu$$//; /^pip==/d; /^setuptools==/d; /^wheel==/d' > requirements.lock
	rm -rf .lock-venv

clean:               ## remove what was set up and indexed here
	rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
