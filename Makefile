# Every command a newcomer needs. The first run installs what it needs into .venv; the second is quick.

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench clean
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

help:  ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## /{ printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: .venv/product.stamp  ## Start a fake region, examine a good and a careless connector, show both verdicts.
	@$(BIN)/anslut demo
	@echo "  (in this folder, anslut is .venv/bin/anslut)"

test: .venv/checks.stamp  ## Run every check there is (about 25 minutes on two cores).
	@.ci/checks

lint: .venv/checks.stamp  ## Check style and types only.
	@$(BIN)/tox run -e lint,types

bench: .venv/bench.stamp  ## Measure, side by side with peers.
	@$(BIN)/python -m benchmarks

clean:  ## Remove everything that was built or installed here.
	rm -rf .venv .tox build dist .mypy_cache .ruff_cache .hypothesis

.venv/python.stamp:
	@.ci/make-venv
	@touch $@

.venv/product.stamp: pyproject.toml .venv/python.stamp
	@echo "Installing Anslut and what it needs into .venv (once; about half a minute) ..."
	@$(PIP) install --editable ".[conformance]"
	@touch $@

.venv/checks.stamp: pyproject.toml .venv/product.stamp
	@echo "Installing the tools that run the checks into .venv ..."
	@$(PIP) install "tox>=4.30"
	@touch $@

.venv/bench.stamp: pyproject.toml .venv/product.stamp
	@echo "Installing what is measured beside Anslut into .venv ..."
	@$(PIP) install "moto[server]>=5.2"
	@touch $@
