# Needs python3 (3.11 or newer), git and make. `make` alone says what there is.

PYTHON ?= python3
PYTEST_ARGS ?= -n 3

BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
FROM_NPM := tests/fhir_server tests/card_readers tests/browser_checks verifier
APT := env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120

# $(call install,package): by apt-get where that needs no password; fails where it does.
define install
{ command -v apt-get && sudo=$$([ "$$(id -u)" = 0 ] || echo sudo -n) && $$sudo true 2>/dev/null && \
	echo "Installing Debian's $(1) ..." >&2 && \
	$$sudo $(APT) update && $$sudo $(APT) install -y --no-install-recommends $(1); } </dev/null >/dev/null
endef

# $(call unpack,package,file): one program of a package into .venv/bin. Nothing is installed, so its service never starts.
define unpack
{ command -v apt-get && folder=$$(mktemp -d) && sudo=$$([ "$$(id -u)" = 0 ] || echo sudo -n) && \
	get="cd $$folder && apt-get -qq -o APT::Sandbox::User=$$(id -un) download $(1)" && \
	{ echo "Unpacking Debian's $(1) ..." >&2; sh -c "$$get" || { $$sudo $(APT) update && sh -c "$$get"; }; } && \
	dpkg -x $$folder/*.deb $$folder && cp $$folder/$(2) $(BIN)/ && rm -r $$folder; } </dev/null >/dev/null
endef

.DEFAULT_GOAL := help
.PHONY: help run test check chaos fuzz verifier pictures lock audit sbom mutants bench-cards bench-matching bench-slips bench-replica bench-senders bench-answers format clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

run: .venv/run ## Start the demo: web, worker and a Redis of its own, until Ctrl-C
	@exec $(BIN)/vaxtext demo

test: .venv/dev ## All tests, with Debian's chromium, PostgreSQL, zbar and promtool where they are or can be installed
	@command -v chromium >/dev/null || $(call install,chromium) || \
		echo "No chromium: browser tests are skipped. To run them: apt-get install chromium"
	@for folder in $(FROM_NPM); do [ $$folder/node_modules/.package-lock.json -nt $$folder/package-lock.json ] || \
		{ { command -v npm >/dev/null || $(call install,nodejs npm); } && \
		npm ci --prefix $$folder --silent --no-audit --no-fund; } || \
		echo "No npm, or it got nothing: tests with $$folder are skipped. To run them: apt-get install nodejs npm"; done
	@{ command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 || $(call install,postgresql) || \
		echo "No PostgreSQL: its tests are skipped. To run them: apt-get install postgresql"
	@$(BIN)/python -c 'import pyzbar.pyzbar' 2>/dev/null || $(call install,libzbar0) || \
		echo "No zbar: tests with that reader of QR codes are skipped. To run them: apt-get install libzbar0"
	@command -v promtool >/dev/null || [ -x $(BIN)/promtool ] || $(call unpack,prometheus,usr/bin/promtool) || \
		echo "No promtool: alerts are not tested. To test them: apt-get install prometheus"
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: .venv/dev ## Format, lint, types, import rules, flow files
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vaxtext flow check

chaos: .venv/dev ## Kill, break and delay everything under hundreds of conversations, and print what was lost: a quarter of an hour
	$(BIN)/python -m pytest -m chaos -s tests/chaos

fuzz: .venv/dev ## Text, post and parse garbage in thousands of other ways than `make test` (fewer: FUZZ_ARGS="-k texting")
	$(BIN)/python -m pytest --hypothesis-profile=fuzz -s $(FUZZ_ARGS) tests/test_*_anything.py

verifier: ## Build the program of the page /verify from verifier/, after a change there (needs npm)
	npm ci --prefix verifier --silent --no-audit --no-fund
	npm run --prefix verifier --silent build

pictures: .venv/dev ## Take the pictures of docs/pages.md anew (needs chromium)
	@PYTHONPATH=.:tests $(BIN)/python tests/pictures.py

lock: .venv/supply ## Write requirements*.txt, with all packages and their hashes, after a change in a requirements*.in
	@for lock in requirements requirements-dev requirements-bench requirements-supply; do echo $$lock.in; \
		case $$lock in requirements) fixed= ;; *) fixed="--constraint requirements.txt" ;; esac; \
		$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--no-emit-index-url $$fixed $$lock.in -o $$lock.txt || exit 1; done

audit: .venv/supply ## Ask PyPI and npm for known weaknesses of what we build on; fails where they do not answer (nightly)
	@status=0; for lock in requirements requirements-dev; do \
		$(BIN)/pip-audit --strict --disable-pip --require-hashes -r $$lock.txt || status=1; done; \
		npm audit --prefix verifier --package-lock-only || status=1; exit $$status

sbom: .venv/supply ## Write build/sbom/: all that we deliver, as CycloneDX
	@mkdir -p build/sbom
	@PYTHONWARNINGS=ignore $(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml -o build/sbom/vaxtext.cdx.json
	@npm sbom --prefix verifier --package-lock-only --omit dev --sbom-format cyclonedx >build/sbom/verifier.cdx.json
	@echo "build/sbom/vaxtext.cdx.json, build/sbom/verifier.cdx.json"

mutants: .venv/dev .venv/supply ## How many faults in what protects people the tests would find: an hour or two (one: MUTANTS=signature)
	@$(BIN)/python -m benchmarks.mutants $(MUTANTS)

bench-cards: .venv/run ## How many cards are made in a second, and which step takes how much of it: half a minute
	@PYTHONPATH=. $(BIN)/python -m benchmarks.cards

bench-matching: .venv/bench ## How many people are found, and that nobody is taken for another: some minutes
	@PYTHONPATH=. $(BIN)/python -m benchmarks.matching

bench-slips: .venv/bench ## How many slips in a first name are forgiven, and that no name is taken for another: some minutes
	@PYTHONPATH=. $(BIN)/python -m benchmarks.slips

format: .venv/dev ## Bring all Python files into shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench-replica: .venv/dev ## Load a million made-up people, and look them up (fewer: BENCH_ARGS="--people 20000")
	PYTHONPATH=tests $(BIN)/python -m benchmarks.replica $(BENCH_ARGS)

bench-senders: .venv/dev ## How many messages a second the outbox sends, and that no number sends more than its rate
	@PYTHONPATH=.:tests $(BIN)/python -m benchmarks.senders $(BENCH_ARGS)

bench-answers: .venv/dev ## Whether a contact that is not the sender's own lets her guess who has a record: an hour
	@PYTHONPATH=.:tests $(BIN)/python -m benchmarks.equal_answers $(BENCH_ARGS)

clean: ## Remove what make made; var/ with its data stays
	rm -rf .venv build *.egg-info $(FROM_NPM:=/node_modules) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "vaxtext needs Python 3.11 or newer. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making .venv ..."
	@# Debian keeps the part of Python that fills a new environment in a package of its own.
	@$(PYTHON) -m venv --clear .venv >/dev/null 2>&1 || \
		{ $(call install,python3-venv) && $(PYTHON) -m venv --clear .venv; } || \
		{ rm -rf .venv; echo "Python's venv is missing. Type: sudo apt-get install python3-venv"; exit 1; }
	@touch $@

.venv/run: .venv/python requirements.txt pyproject.toml
	@echo "Installing requirements.txt (a minute or so) ..."
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@# On some machines requirements.txt brings no Redis. Where apt-get cannot either, the demo says what to do.
	@$(BIN)/python -c 'from bot.store.embedded import find_server; find_server()' 2>/dev/null || \
		$(call install,redis-server) || true
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) install -r requirements-dev.txt
	@touch $@

.venv/bench: .venv/run requirements-bench.txt
	@echo "Installing requirements-bench.txt ..."
	@$(PIP) install -r requirements-bench.txt
	@touch $@

.venv/supply: .venv/run requirements-supply.txt
	@echo "Installing requirements-supply.txt ..."
	@$(PIP) install -r requirements-supply.txt
	@touch $@
