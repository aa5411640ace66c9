# Needs Python 3.11 to 3.13 with its venv module, and make. Everything else goes into .venv/.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup assess test serve check docs lock clean

# What belongs to another environment of the user stays out of ours; the package index stays.
unexport PYTHONPATH PYTHONHOME PYTHONSAFEPATH PYTHONOPTIMIZE PYTHONWARNINGS VIRTUAL_ENV
unexport PIP_TARGET PIP_PREFIX PIP_ROOT PIP_SRC PIP_REQUIREMENT PIP_EDITABLE PIP_DRY_RUN
unexport PIP_NO_BINARY PIP_ONLY_BINARY PIP_PRE PIP_PYTHON PIP_PLATFORM PIP_PYTHON_VERSION
unexport PIP_IMPLEMENTATION PIP_ABI PIP_IGNORE_INSTALLED PIP_FORCE_REINSTALL PIP_UPGRADE
unexport PIP_NO_DEPS PIP_REQUIRE_HASHES PIP_NO_BUILD_ISOLATION PIP_IGNORE_REQUIRES_PYTHON
unexport PIP_QUIET PIP_VERBOSE PIP_REPORT
export PIP_USER := 0
export PIP_CONSTRAINT := /dev/null
export PIP_NO_INPUT := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

RUN_PYTHON := .venv/bin/python
# Written last, so that it is there only after a complete setup of this lock file in this folder.
COMPLETE := .venv/complete

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16
	@echo
	@echo 'MONTH=2024-06 make assess               another month than the last complete one'
	@echo 'RUN=configs/runs/x.yaml make assess     another run configuration (also for serve)'
	@echo 'ECOASSESS_LANG=zh make assess           the table in Chinese (also for serve)'
	@echo 'PREFECT_PORT=4201 make serve            another port than 4200'
	@echo 'PYTHON=/path/to/python3.12 make assess  the Python that .venv is made from'

setup: ## make .venv from requirements.lock (the other targets do it when needed)
	@if { echo "$(CURDIR)"; cat requirements.lock; } | cmp -s - $(COMPLETE) \
	  && $(RUN_PYTHON) -c '' 2>/dev/null; then exit 0; fi; \
	python=; without_venv=; \
	set -- python3 python python3.13 python3.12 python3.11; \
	if [ -n "$${PYTHON:-}" ]; then set -- "$$PYTHON"; fi; \
	for candidate do \
	  "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	    >/dev/null 2>&1 || continue; \
	  if "$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; \
	  then python=$$candidate; break; else without_venv=$$candidate; fi; \
	done; \
	if [ -z "$$python" ] && [ -n "$$without_venv" ]; then \
	  echo "ecoassess: $$without_venv has no venv or ensurepip module; install it (Debian, Ubuntu: python3-venv)" >&2; \
	  exit 1; \
	elif [ -z "$$python" ]; then \
	  echo "ecoassess: no Python 3.11, 3.12 or 3.13 among: $$*; name one: PYTHON=/path/to/python3.12 make ..." >&2; \
	  exit 1; \
	fi; \
	echo "Setting up .venv with $$("$$python" -V): $$(grep -c == requirements.lock) packages, 1.2 GB, one to three minutes ..."; \
	"$$python" -m venv --clear .venv \
	&& $(RUN_PYTHON) -m pip install --quiet --progress-bar off --only-binary :all: --require-hashes --no-deps -r requirements.lock \
	&& $(RUN_PYTHON) -m pip install --quiet --no-deps --no-index --no-build-isolation -e . \
	&& { echo "$(CURDIR)"; cat requirements.lock; } > $(COMPLETE)

assess: setup ## assess the last complete month (MONTH, RUN)
	@exec $(RUN_PYTHON) -m flows assess $${MONTH:+--month "$$MONTH"} $${RUN:+--run "$$RUN"} \
	  --language "$${ECOASSESS_LANG:-en}"

test: setup ## run all tests but the slow ones
	@exec $(RUN_PYTHON) -m pytest -m "not slow and not by_hand" -n auto --maxprocesses 8 --dist worksteal --junitxml=.cache/junit.xml

serve: setup ## start a Prefect server with its page and assess each month
	@exec $(RUN_PYTHON) -m flows serve $${RUN:+--run "$$RUN"} --language "$${ECOASSESS_LANG:-en}"

check: setup ## check coefficients, configurations and data
	@exec .venv/bin/ecoassess check

# What tests said last, and the comparisons with published figures, which run anew, reach the pages.
docs: setup ## build the method pages into site/ (python -m http.server -d site, for the search)
	@$(RUN_PYTHON) -m pytest --quiet -m compares -n auto --maxprocesses 8 --dist worksteal --junitxml=.cache/junit-compares.xml
	@NO_MKDOCS_2_WARNING=1 $(RUN_PYTHON) -m mkdocs build --strict --quiet
	@echo site/index.html

# One version of each package for every Python: what Python 3.11 gets bounds the others.
lock: ## resolve requirements.lock anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "ecoassess: make lock needs uv" >&2; exit 1; }
	@bounds=$$(mktemp) && trap 'rm -f "$$bounds"' EXIT \
	&& uv pip compile --quiet --upgrade --extra flows --extra development --extra documentation --extra sensitivity --python-version 3.11 --only-binary :all: \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o "$$bounds" \
	&& uv pip compile --quiet --upgrade --extra flows --extra development --extra documentation --extra sensitivity --python-version 3.11 --only-binary :all: \
	  --universal --generate-hashes --constraint "$$bounds" --custom-compile-command "make lock" \
	  --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock

clean: ## remove .venv, caches and Prefect's records; outputs stay
	@rm -rf .venv .cache .prefect site .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
