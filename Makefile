# The front door: `make` lists what can be done.
#
# Everything is built with one profile and one pair of compilers, so that the C++ of RocksDB is compiled once
# and shared by run, test and lint. The target folder lies outside the clone and outlives it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export CARGO_TARGET_DIR ?= $(HOME)/.cache/cns/target

# The same for all targets: another compiler would mean another build of the C++.
ifneq ($(shell command -v ccache 2>/dev/null),)
export CC := ccache gcc
export CXX := ccache g++
else
export CC := gcc
export CXX := g++
endif

CNS := $(CARGO_TARGET_DIR)/release/cns
PREFIX ?= $(HOME)/.local

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: prepare
prepare:
	@scripts/prepare.sh

# ccache may have just been installed; a second make sees it and uses the compilers that all targets use.
.PHONY: build
build: prepare
	@$(MAKE) --no-print-directory compile

.PHONY: compile
compile:
	@scripts/announce.sh
	@cargo build --release

# The library that runs the models; without it the built-in ones are used.
.PHONY: runtime
runtime: ## Fetch the ONNX Runtime library, which runs the models
	@scripts/runtime.sh

.PHONY: demo
demo: build runtime ## Build, run the examples, show the narratives that come out
	@$(CNS) demo

.PHONY: demo-kafka
demo-kafka: build runtime ## The same on Kafka: a broker, a registry, two processes, a Python producer
	@scripts/prepare.sh kafka
	@scripts/with-kafka.sh scripts/demo-kafka.sh $(CNS)

.PHONY: serve
serve: build runtime ## Build and run the server at http://127.0.0.1:8000
	@$(CNS) serve

.PHONY: install
install: build runtime ## Put the cns command into PREFIX/bin (default: ~/.local/bin), with models, manual and completions
	@install -D -m 755 $(CNS) $(PREFIX)/bin/cns
	@mkdir -p $(PREFIX)/share/cns && cp -R models $(PREFIX)/share/cns/
	@$(CNS) man $(PREFIX)/share/man/man1 >/dev/null
	@mkdir -p $(PREFIX)/share/bash-completion/completions
	@$(CNS) completions bash > $(PREFIX)/share/bash-completion/completions/cns
	@echo "$(PREFIX)/bin/cns is installed."

.PHONY: test
test: prepare ## Check format and lints, run all tests, those on a real broker and registry too
	@scripts/prepare.sh kafka
	@scripts/runtime.sh
	@$(MAKE) --no-print-directory lint tests

# Fewer kills than by default: the simulations and the embedded form have hundreds.
.PHONY: tests
tests:
	@TEST_RUNTIME=required TEST_KAFKA_KILLS=$${TEST_KAFKA_KILLS:-5} scripts/with-kafka.sh cargo test --release --workspace

.PHONY: test-kafka
test-kafka: prepare ## Run the tests on a real broker and registry only
	@scripts/prepare.sh kafka
	@scripts/with-kafka.sh cargo test --release -p cns-state -p cns --test kafka

.PHONY: test-kafka-full
test-kafka-full: prepare ## The same, longer: a hundred kills, brokers that die, both group protocols
	@scripts/prepare.sh kafka
	@TEST_KAFKA_KILLS=100 CNS_KAFKA_KILLABLE=1 scripts/with-kafka.sh cargo test --release -p cns --test kafka -- --test-threads 1
	@TEST_KAFKA_PROTOCOL=consumer scripts/with-kafka.sh cargo test --release -p cns --test kafka kills

.PHONY: test-api
test-api: prepare ## Try the HTTP interface against its own description, with schemathesis (pip)
	@$(MAKE) --no-print-directory compile
	@scripts/test-api.sh $(CNS)

.PHONY: lint
lint: prepare ## Check format and lints only
	@$(MAKE) --no-print-directory lints

.PHONY: lints
lints:
	@cargo fmt --all --check
	@scripts/announce.sh
	@cargo clippy --release --workspace --all-targets -- -D warnings

.PHONY: bench
bench: prepare ## Run the benchmarks
	@$(MAKE) --no-print-directory benches

.PHONY: benches
benches:
	@scripts/announce.sh
	@cargo bench --workspace

.PHONY: bench-kafka
bench-kafka: prepare ## Run the benchmark beside Kafka Streams, on a broker of its own
	@scripts/prepare.sh kafka
	@$(MAKE) --no-print-directory benches-kafka

.PHONY: benches-kafka
benches-kafka:
	@scripts/announce.sh
	@cargo build --release -p cns --bench kafka
	@scripts/with-kafka.sh bash -c 'BROKERS=$$TEST_KAFKA cargo bench -p cns --bench kafka'

.PHONY: clean
clean: ## Remove what was built and what the demo left; the next build is a first one
	@cargo clean
	@rm -rf -- .cns/demo
