# The only door: every target brings what it needs (uv, the locked packages, the pinned OPA, Node.js for the tests) and
# says what it does. `make` alone explains the targets.

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python

ONCE ?=
KEEP ?=
ARGS ?=

.PHONY: help run test test-long check cluster-test cluster-down bench fmt generate proto opa sync sync-run clean

help: ## Explain every target (this text)
	@printf 'Placet. Targets:\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nNeeds Python 3.11 or newer, git and make; uv, OPA and, for the tests, Node.js are brought along.\n'

run: sync-run ## Start the whole chain on this machine and show the samples answered (ONCE=1: one pass, then stop; ARGS=...: options of `placet up`)
	@$(PY) -m placet_cli up $(if $(filter-out 0,$(ONCE)),--once) $(ARGS)

test: sync opa ## Run every test part (unit, contract, rego, deploy, differential, e2e, faults) and show the time of each and the coverage (PART=unit: that part only)
	@$(PY) -m scripts.test $(PART)

test-long: sync opa ## Run the tests that take minutes too: the same properties with many more examples, and the coverage-guided fuzzer
	@HYPOTHESIS_PROFILE=long $(PY) -m scripts.test --long $(PART)

check: sync opa ## Prove the gates: lint, format, types, import rules, proto, what is generated, Rego, lock file
	@$(PY) -m scripts.check

cluster-test: sync opa ## Prove the chart on a real Kubernetes that is built and brought up here (opt-in: root on Debian, Go, 2 GB of memory, ten minutes once and about as long each time; KEEP=1: leave it up; ARGS=tests/cluster/test_install.py: that file only)
	@$(PY) -m tests.cluster $(if $(filter-out 0,$(KEEP)),--keep) $(ARGS)

cluster-down: ## Take the cluster of `make cluster-test KEEP=1` down
	@$(PY) -m tests.cluster.node.down

bench: sync opa ## Measure requests a second and latency beside this machine's RSA-4096 signing limit, the ledger on both stores, the facts of each kind, and the dearest requests known (about a minute and a half)
	@$(PY) -m bench $(ARGS)

fmt: sync opa ## Format Python and Rego in place
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .
	@"$$($(PY) -m placet_cli opa path)" fmt --write policies tests/deploy/checks

generate: sync opa ## Write again what is generated: docs/checks.md from the reason codes, docs/rules from the rules, docs/policy-traps.md from its corpus, docs/input-document.md from its schema, the chart's README and the plain manifests from the chart
	@$(PY) -m scripts.checks_doc
	@$(PY) -m scripts.rules_doc
	@$(PY) -m scripts.traps
	@$(PY) -m scripts.input_document
	@$(PY) -m scripts.chart_readme
	@$(PY) -m scripts.manifests
	@echo "docs/checks.md, docs/rules, docs/policy-traps.md, docs/input-document.md, the chart's README and the manifests are generated; commit them together with their source."

proto: sync ## Generate the Python of placet.policy.v1 again, after a change of the .proto
	@$(PY) proto/generate.py
	@echo "proto/gen is generated; commit it together with the .proto."

opa: sync ## Bring the pinned OPA and print where it is
	@$(PY) -m placet_cli opa path

sync:
	@scripts/sync.sh

# `make run` needs no development tools; --inexact leaves them alone where they are installed already.
sync-run:
	@scripts/sync.sh --no-dev --inexact

clean: ## Remove .venv, node_modules, the caches and .state, which holds the ledger and the keys of `make run`
	@rm -rf .venv .state build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@rm -rf tests/differential/*/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
