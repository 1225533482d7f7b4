# The front door. `make` lists what it can do. Everything runs in .venv, which is set up once, and again when a pin changes.

.DEFAULT_GOAL := help
.PHONY: help book draft test check lab serve course notebooks translations bench timings requirements lowest newest links wheel chromium test-browser \
	lint format clean

BIN := .venv/bin
COMPILE = $(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --fork-strategy requires-python \
	--no-annotate --no-header --quiet
READY := .venv/.ready
PORT ?= 8000
export CHROMIUM ?= /usr/bin/chromium

# The notebooks of a chapter: itself, and its solutions.
files = $(wildcard book/$(1).ipynb book/solutions/$(1).ipynb)
translated = $(filter-out book/solutions/%,$(wildcard book/*/$(1).ipynb)) $(wildcard book/*/solutions/$(1).ipynb)
CHAPTERS = $(patsubst book/%.ipynb,%,$(wildcard book/*.ipynb))
a_chapter = $(if $(filter $(CHAPTER),$(CHAPTERS)),,$(error there is no chapter "$(CHAPTER)": CHAPTER is one of $(CHAPTERS)))
LANGUAGES = $(patsubst book/%/site.po,%,$(wildcard book/*/site.po))

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

BUILD = $(BIN)/jupyter-book build book --config _config.yml --toc _toc.yml --path-output .

book: $(READY) ## Build the book into _build/html
	$(BUILD) --all --warningiserror --nitpick --keep-going

draft: $(READY) ## Build again only the pages that changed
	BOOK_DRAFT=1 $(BUILD)

test: $(READY) ## Run every check: package, notebooks, prose, build, browser
	$(BIN)/python -m pytest

check: $(READY) ## Check the text and run the cells of one chapter: make check CHAPTER=stability
	$(a_chapter)$(BIN)/python -m pytest -p no:hypothesispytest --quiet -k "$(CHAPTER) or lead_somewhere or whole_and_cited or plain_markdown or listed_in_order" \
		tests/book/test_outputs.py tests/book/test_prose.py tests/book/test_names.py tests/book/test_exercises.py \
		tests/book/test_lessons.py tests/book/test_links.py tests/book/test_translations.py $(call files,$(CHAPTER)) $(call translated,$(CHAPTER))

lab: $(READY) ## Open copies of the chapters, in playground/, in JupyterLab (LAB=--allow-root as root)
	@cd book && for file in *.ipynb */*.ipynb */*/*.ipynb; do mkdir -p "../playground/$$(dirname "$$file")"; \
		test -e "../playground/$$file" || cp "$$file" "../playground/$$file"; done
	$(BIN)/jupyter trust playground/*.ipynb playground/*/*.ipynb playground/*/*/*.ipynb
	$(BIN)/jupyter-lab --notebook-dir=playground $(LAB)

serve: book ## Build the book and serve it at http://127.0.0.1:8000 (PORT=… for another port)
	$(BIN)/python -m tools.server _build/html $(PORT)

course: book chromium ## Make slides, handouts and question banks for teachers, in _build/html/course
	$(BIN)/python -m tools.course _build/html/course
	for language in $(LANGUAGES); do $(BIN)/python -m tools.course _build/html/$$language/course $$language || exit; done

notebooks: $(READY) ## Run the notebooks, or those of CHAPTER=…, and store clean outputs
	$(if $(CHAPTER),$(a_chapter))$(BIN)/python -m tools.cover
	$(BIN)/python -m tools.exercises
	$(BIN)/python -m tools.notebooks $(if $(CHAPTER),$(call files,$(CHAPTER)))
	$(BIN)/python -m tools.reading_time
	$(BIN)/python -m tools.translations --run $(CHAPTER)

translations: $(READY) ## Bring the words of other editions up to date with the English, and write what is made from them
	$(if $(CHAPTER),$(if $(wildcard book/$(CHAPTER).md),,$(a_chapter)))$(BIN)/python -m tools.messages
	$(BIN)/python -m tools.translations $(CHAPTER)

bench: $(READY) ## Measure speed and accuracy beside other libraries
	$(BIN)/python -m benchmarks

timings: $(READY) ## Take the times that the chapter on speed shows, with nothing else running; then make notebooks CHAPTER=speed
	$(BIN)/python -m benchmarks.stored

requirements: $(READY) ## Pin the newest versions, for each Python, in requirements.txt and .binder/requirements.txt
	$(BIN)/python -m pip install --quiet uv
	printf '%s\n' '-e .[book,test]' | $(COMPILE) --output-file requirements.txt -
	grep -v '^-e' requirements.txt >.binder/constraints.txt
	printf '%s\n' '-e .[notebooks]' | $(COMPILE) --constraint .binder/constraints.txt --output-file .binder/requirements.txt -
	rm .binder/constraints.txt

# In an environment of its own: the package, the notebooks' texts, the structure of their figures, and the built book.
lowest newest: RESOLUTION = $(if $(filter lowest,$@),lowest-direct,highest)
lowest: ## Test with the oldest versions that pyproject.toml allows
newest: ## Test with the newest versions there are, and name those that are newer than the pins
lowest newest: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv venv --quiet --clear $(if $(PYTHON),--python "$(PYTHON)") .venv/$@
	$(BIN)/uv pip install --quiet --python .venv/$@ --resolution $(RESOLUTION) --editable '.[book,test]'
	@sed 's/ *;.*//' requirements.txt >.venv/pins
	@$(BIN)/uv pip freeze --quiet --python .venv/$@ | grep -v '^-e' | grep -vxFf .venv/pins | sed 's/^/not as pinned: /'
	$(if $(filter newest,$@),.venv/$@/bin/mypy)
	.venv/$@/bin/python -m pytest tests/package tests/book/test_build.py book --nbval-sanitize-with=tests/book/elsewhere.ini

links: $(READY) ## Follow every link of the book to another site
	$(BIN)/jupyter-book build book --config _config.yml --toc _toc.yml --path-output . --builder linkcheck

wheel: $(READY) ## Build the wheel and the source archive into dist
	$(BIN)/python -m pip install --quiet build
	$(BIN)/python -m build --outdir dist .

chromium: ## Install the browser that the browser tests drive (Debian, as root)
	@command -v "$$CHROMIUM" >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null; } || { \
		echo "The browser tests need Chromium: install it (Debian: sudo apt-get install chromium)," \
			"or name one: CHROMIUM=/path/to/chrome" >&2; exit 1; }
	@command -v "$$CHROMIUM" >/dev/null || { apt-get update --quiet && apt-get install --yes --quiet chromium; }

test-browser: chromium $(READY) ## Run the browser tests alone
	$(BIN)/python -m pytest tests/browser

lint: $(READY) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## Mend the style of the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove what was built, but for .venv
	rm -rf _build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache

# Recipes use relative paths alone, so the folder's own path may hold spaces.
$(READY): requirements.txt pyproject.toml tests/browser/package-lock.json
	@if [ -n "$(PYTHON)" ]; then set -- "$(PYTHON)"; else set -- python3 python3.13 python3.12 python3.11; fi; \
	for python do "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; done; \
	if [ -z "$$python" ]; then \
		echo "This book needs Python 3.11 or newer, but $$1 is $$("$$1" --version 2>/dev/null || echo missing). Install one" \
			"(https://www.python.org, apt, brew), or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; fi; \
	if ! missing=$$("$$python" -c 'import venv, ensurepip' 2>&1); then \
		echo "$$python lacks what makes virtual environments ($${missing##*Error: })." \
			"Install it (Debian, Ubuntu: apt-get install python3-venv), or name another: make PYTHON=…" >&2; exit 1; fi; \
	echo "Setting up .venv with $$("$$python" --version): this takes a minute or two, once."; \
	"$$python" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@! command -v npm >/dev/null || npm ci --silent --prefix tests/browser || \
		echo "npm could not fetch the newest axe-core: the tests in a browser take the one that came with pip."
	@touch $(READY)
