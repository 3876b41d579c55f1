# Everything a person or a machine does with this checkout. `make help` lists it.
#
#   make run                   set up, build, draw the demo library and serve it
#   make run PHOTOS=~/Pictures set up, build, index that folder and serve it
#
# Each step leaves a stamp, so the second time only what changed is done again.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.NOTPARALLEL:

CARGO      ?= cargo
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
TINTYPE    := $(TARGET_DIR)/release/tintype
# The folder of photos that tests and the benchmark use when it is there.
SHARED     := $(abspath $(CURDIR)/../shared)
# Where `make run` without PHOTOS keeps the demo library and its index, away from a person's own.
DEMO       ?= demo
# More arguments for `tintype serve`, for example SERVE_FLAGS=--no-open.
SERVE_FLAGS ?=
# `make bench` and `make score` read these.
DATA       ?=
RUNS       ?= 5

# The fast JPEG decoder is C and assembly; `make setup` says what is missing when it cannot be built.
build_flags = $$(scripts/setup.sh --build-flags)

WEB_SOURCES := $(if $(wildcard web/package.json),$(shell find web -type f \
	-not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/test-results/*' \
	-not -path 'web/e2e/*' -not -name 'playwright.config.ts' -not -path 'web/mock/*' -not -path 'web/playwright-report/*' -not -name '*.test.ts'))
WEB_READY   := $(if $(wildcard web/package.json),web/dist/index.html)
has_script   = node -e 'process.exit(require("./web/package.json").scripts?.["$(1)"] ? 0 : 1)'

.PHONY: help setup build web run test test-rust test-web test-scripts test-e2e screenshots bench score fmt lint clean

help: ## Say what there is
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

setup: ## Install what the build needs, or say what is missing
	@scripts/setup.sh

# The whole workspace, though only one program comes of it: its crates then have the same features here as under
# test, and are compiled once.
build: setup web ## Build the page and the program
	@$(CARGO) build --release --workspace --bins $(build_flags)

web: $(WEB_READY) ## Build the page that the program carries

web/dist/index.html: $(WEB_SOURCES) web/node_modules/.package-lock.json
	@echo "Building the page …"
	@cd web && npm run --silent build -- --logLevel error
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json
	@echo "Installing the page's packages …"
	@cd web && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund
	@touch $@

run: build ## Serve PHOTOS=DIR, or the demo library
ifneq ($(PHOTOS),)
	@exec "$(TINTYPE)" serve $(SERVE_FLAGS) "$(PHOTOS)"
else
	@if [ ! -e "$(DEMO)/.drawn" ]; then \
		"$(TINTYPE)" demo --into "$(DEMO)/photos" && touch "$(DEMO)/.drawn"; \
	fi
	@exec "$(TINTYPE)" serve $(SERVE_FLAGS) --data "$(DEMO)/data" "$(DEMO)/photos"
endif

test: setup web test-scripts test-web test-rust test-e2e ## Run every test

test-rust:
	@$(CARGO) test --doc --release --workspace $(build_flags)
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --release --workspace $(build_flags); \
	else \
		echo "cargo-nextest is not installed; using cargo test"; \
		$(CARGO) test --release --workspace --all-targets $(build_flags); \
	fi

test-web: $(if $(WEB_READY),web/node_modules/.package-lock.json)
	@if [ -f web/package.json ] && $(call has_script,test); then cd web && npm run --silent test; fi

test-scripts:
	@node --test scripts/score/*.test.mjs
	@if command -v python3 >/dev/null; then python3 -m unittest discover --quiet -s bench -p 'test_*.py'; \
	else echo "python3 is not installed; the benchmark's own tests not run"; fi

# Page tests use the program that the Rust tests built, in a Chromium of the distribution.
test-e2e: test-rust
	@if [ -f web/package.json ] && $(call has_script,test:e2e); then cd web && TINTYPE_BIN="$(abspath $(TINTYPE))" npm run --silent test:e2e; fi

screenshots: build ## Draw the documentation's pictures of the page anew
	@node scripts/screenshots.mjs "$(TINTYPE)"

bench: build ## Measure against the peers and rewrite docs/BENCHMARKS.md [DATA=DIR] [RUNS=5]
	@$(CARGO) build --release --workspace --example kernel_times --example search_times --example library_times \
		--example inference_times $(build_flags)
	@python3 bench/run.py --tintype "$(TINTYPE)" --examples "$(TARGET_DIR)/release/examples" \
		--runs $(RUNS) $(if $(DATA),--data "$(DATA)")

score: build ## Score the labelled tasks under DATA=DIR; the misses go to score/
	@if [ -z "$(DATA)" ]; then echo "usage: make score DATA=DIR (a folder with labels/ in it)" >&2; exit 2; fi
	@node scripts/score.mjs --tintype "$(TINTYPE)" "$(DATA)"

fmt: ## Format the code
	@$(CARGO) fmt --all

lint: ## Check format, lints and licences
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --release --workspace --all-targets $(build_flags) -- -D warnings
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --log-level error check licenses bans sources; \
	else echo "cargo-deny is not installed; licences not checked"; fi
	@if [ -f web/package.json ] && $(call has_script,check); then cd web && npm run --silent check; fi

clean: ## Remove everything that was built
	@$(CARGO) clean --quiet
	@rm -rf web/dist web/node_modules web/test-results bench/.work score
