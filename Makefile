# Two commands matter: `make demo` and `make test`. The others serve those who work on Mehvar.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
SERVE ?= 1

.PHONY: help setup setup-dev demo serve test lint format messages bench requirements docs-pictures clean

help: ## Show this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv with what Mehvar needs to run
	@scripts/setup base

setup-dev: ## Make .venv with what working on Mehvar needs
	@scripts/setup dev

demo: setup ## Load a demonstration ministry, walk the main job, and serve (SERVE=0: do not serve)
	@scripts/demo $(SERVE)

serve: setup ## Serve what is in var/
	@.venv/bin/mehvar serve

test: setup-dev ## Run every test that this machine allows (REQUIRE_ALL=1: nothing may be skipped)
	@scripts/test

lint: setup-dev ## Check style, types and the house's layers
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy

format: setup-dev ## Format the code and mend what can be mended
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

messages: setup-dev ## Collect translatable strings of every room and build what the pages read
	@$(PY) scripts/collect_messages.py src/mehvar
	@.venv/bin/mehvar messages build

bench: setup-dev ## Measure every figure (see bench/)
	$(PY) -m bench all

requirements: ## Compile the pinned requirements (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" -q -o requirements/base.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" -q -o requirements/dev.txt

docs-pictures: setup-dev ## Take the README's pictures from a running demonstration
	$(PY) scripts/take_pictures.py

clean: ## Remove what was built, but not var/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
