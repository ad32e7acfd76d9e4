# Two commands are enough: `make demo` and `make test`. Everything they need is installed into .venv from lock files.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test lint format plugin bench lock clean

PYTHON ?= python3
VENV := .venv
BENCH_VENV := .venv-bench
BIN := $(VENV)/bin
PYTEST_ARGS ?=

help: ## Explain every target
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make demo ARGS=--once         end after the summary instead of staying up"
	@echo "  make test PYTEST_ARGS=tests/unit   run a part of the tests"

demo: $(VENV)/.runtime ## Run the main job on 2,357 real customers in a sample shop
	@$(BIN)/regulars demo $(ARGS)

test: $(VENV)/.dev lint plugin ## Run every check and every test, the real WooCommerce store included
	@scripts/system-packages
	@$(BIN)/python -m pytest --numprocesses=2 --dist=loadgroup $(PYTEST_ARGS)

lint: $(VENV)/.dev ## Check style, types, directions between rooms, and every PHP file's syntax
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >/dev/null || $(BIN)/lint-imports --no-logo
	@scripts/lint-php
	@echo "lint: clean"

format: $(VENV)/.dev ## Put the Python sources into their one form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

plugin: $(VENV)/.runtime ## Build dist/regulars-for-woocommerce.zip, the file a store owner installs
	@$(BIN)/python plugin_php/build.py

bench: $(BENCH_VENV)/.bench ## Measure speed and memory beside what people use instead (ARGS="--quick", ARGS=--help)
	@$(BENCH_VENV)/bin/python -m benchmarks $(ARGS)

lock: $(VENV)/.dev ## Write the lock files anew from pyproject.toml
	@$(BIN)/pip install --quiet uv
	@for group in "" dev bench; do \
		$(BIN)/uv pip compile pyproject.toml $${group:+--group $$group} --quiet --upgrade --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
			--output-file "requirements$${group:+-$$group}.lock"; done

clean: ## Remove what the other targets made
	@rm -rf $(VENV) $(BENCH_VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info

$(VENV)/.runtime: requirements.lock pyproject.toml
	@scripts/virtual-environment $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	@scripts/virtual-environment $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.runtime

$(BENCH_VENV)/.bench: requirements-bench.lock pyproject.toml
	@scripts/virtual-environment $(PYTHON) $(BENCH_VENV) requirements-bench.lock
	@touch $@
