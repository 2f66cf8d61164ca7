# Inlay: build, run and check. "make help" lists the targets.

PREFIX  ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC      := gcc
endif
Q       := $(if $(V),,@)
B       := build

VERSION := $(shell cat VERSION)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wvla \
            -Wundef -Wno-overlength-strings -Wnull-dereference -Wimplicit-fallthrough -Werror
CFLAGS   ?= -O2 -g
# gcc takes a text that snprintf() cuts on purpose for a mistake.
GCC_QUIET := $(if $(findstring gcc,$(CC)),-Wno-format-truncation)
# clang holds what nginx's macros and ours expand to against the line that uses them.
CLANG_QUIET := $(if $(findstring clang,$(CC)),-Wno-gnu-statement-expression -Wno-cast-qual)
HARDEN   := -fstack-protector-strong -D_FORTIFY_SOURCE=2
BASE_CFLAGS := -std=c17 -D_GNU_SOURCE -Isrc -I$(B)/gen -fPIC -fvisibility=hidden -pthread \
               -DINLAY_VERSION='"$(VERSION)"' $(WARNINGS)
LIB_LIBS := -lsqlite3 -ljansson -larchive -lcrypto -lz -lbrotlienc -lbrotlidec -lyaml -lcurl -lpsl -lunistring -pthread

# Folders of src, each with the folders in it.
sources = $(sort $(foreach folder,$(1),$(wildcard src/$(folder)/*.$(2) src/$(folder)/*/*.$(2))))

CORE     := base crypto config http live store model entry apps api serve
COMMAND  := cli
TESTING_SRC := src/base/testing.c
CORE_SRC := $(filter-out $(TESTING_SRC),$(call sources,$(CORE),c))
CLI_SRC  := $(call sources,$(COMMAND),c)
GATE_SRC := $(call sources,gate,c)
GATE_HDR := $(call sources,gate,h)
GEN      := $(B)/gen/error_page.h $(B)/gen/app_js.h $(B)/gen/worker_js.h

CORE_OBJ := $(CORE_SRC:%.c=$(B)/obj/%.o)
CLI_OBJ  := $(CLI_SRC:%.c=$(B)/obj/%.o)

.PHONY: build build-asan docs run test test-all test-unit test-http test-asan test-browser test-isolation test-webkit test-crash test-load unit-build bench lint format \
        clean install help

build: $(B)/inlay $(B)/ngx_http_inlay_module.so $(B)/console/index.html

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make build     everything: build/inlay (runnable in place), the nginx module and the console
## make build-asan  with AddressSanitizer and UBSan, for tests: build/asan
## make run       install what is missing, build, start Inlay and the demo portal
## make test      install what the tests need and run all but the next two groups; test-unit, test-http
##                and test-browser run one group
## make test-all  what continuous integration runs: make lint, make test, and short rounds of the following and of
##                make fuzz
## make test-isolation  what hostile apps try, in two browsers and four places: about 20 minutes
## make test-webkit     links, sessions, workers and the same attacks in WebKitGTK, for which it installs 225 MB
## make test-crash, make test-load
##                kill -9 under load; apps' servers under load
## make fuzz      look for inputs that break parsers, SECONDS=60 for each; fuzz-replay runs the seeds
## make bench     speed and memory as ratios
## make lint      static analysis and formatting
## make format    what clang-format and prettier say
## make docs      docs/configuration.md from the table of settings, tables and enums from codes.def and events.def
## make install   PREFIX=/usr/local, DESTDIR=
## make clean     remove build/

# ---- Debian and npm packages -------------------------------------------------------------------

$(B)/.packages-build: scripts/install-packages
	@mkdir -p $(B)
	@scripts/install-packages build
	@touch $@

$(B)/.packages-test: scripts/install-packages
	@mkdir -p $(B)
	@scripts/install-packages build test
	@touch $@

node_modules/.package-lock.json: package-lock.json | $(B)/.packages-build
	npm ci --no-audit --no-fund
	@touch $@

# ---- the core library and the command ----------------------------------------------------------

$(B)/obj/%.o: %.c | $(B)/.packages-build
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC $<")
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(BASE_CFLAGS) $(GCC_QUIET) $(CLANG_QUIET) -MMD -MP -c -o $@ $<

$(B)/libinlay.a: $(CORE_OBJ)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(B)/inlay: $(CLI_OBJ) $(B)/libinlay.a
	$(Q)$(CC) $(CFLAGS) -o $@ $(CLI_OBJ) $(B)/libinlay.a -Wl,-z,relro,-z,now $(LIB_LIBS)

$(B)/gen/error_page.h: $(wildcard web/pages/*) node_modules/.package-lock.json
	@mkdir -p $(@D)
	node web/pages/build.mjs $@

$(B)/gen/app_js.h: sdk/build.mjs $(wildcard sdk/app/src/*.ts sdk/common/*.ts) node_modules/.package-lock.json
	@mkdir -p $(@D)
	node sdk/build.mjs $@

$(B)/gen/worker_js.h: $(wildcard web/worker/*) node_modules/.package-lock.json
	@mkdir -p $(@D)
	node web/worker/build.mjs $@

# A line of the template to a line of a C string.
$(B)/gen/nginx_conf_in.h: src/serve/nginx.conf.in $(B)/gen/mime.types
	@(echo 'static const char nginx_conf_in[] ='; sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $^; echo ';') > $@

$(B)/gen/mime.types: scripts/mime-types.mjs node_modules/.package-lock.json
	@mkdir -p $(@D)
	node $< $@

# Before the compiler has written down what the file includes.
$(foreach o,obj unit-gcc unit-clang,$(B)/$(o)/src/serve/nginx_conf.o): $(B)/gen/nginx_conf_in.h
$(foreach o,obj unit-gcc unit-clang fuzz/clang,$(B)/$(o)/src/http/page.o): $(B)/gen/error_page.h

# ---- the console ----------------------------------------------------------------------------------

$(B)/console/index.html: $(wildcard sdk/embed/src/*.ts web/pages/page.* web/pages/color.ts) $(shell find web/console -type f -not -path '*/node_modules/*' -not -name schema.ts -not -name codes.ts) \
    tsconfig.base.json docs/openapi.yaml scripts/codes.mjs src/base/codes.def src/base/events.def scripts/compress.mjs node_modules/.package-lock.json
	npm run --silent --workspace web/console build
	node scripts/compress.mjs $(@D)

# ---- the nginx module ---------------------------------------------------------------------------
# Compiled as the core is, against the headers that Debian's nginx-dev brings, which nginx's configure
# completes. These headers are the system's, so that only our own lines have to be without warnings.

NGINX_SRC  := $(B)/nginx
NGINX_CONF := $(NGINX_SRC)/objs/ngx_auto_config.h
NGINX_INCS := $(addprefix -isystem $(NGINX_SRC)/,src/core src/event src/event/modules src/os/unix objs src/http \
              src/http/modules src/http/v2)
GATE_OBJ   := $(GATE_SRC:%.c=$(B)/obj/%.o)
GATE_LIBS  := $(LIB_LIBS) -lssl -Wl,--exclude-libs,ALL

$(NGINX_CONF): src/gate/config | $(B)/.packages-build
	@rm -rf $(NGINX_SRC) && mkdir -p $(NGINX_SRC)
	@cp -r /usr/share/nginx/src/. $(NGINX_SRC)/
	cd $(NGINX_SRC) && bash -c '. ./conf_flags && ./configure "$${NGX_CONF_FLAGS[@]}" \
	    --add-dynamic-module=$(CURDIR)/src/gate' > configure.log 2>&1 || (tail -20 $(NGINX_SRC)/configure.log; false)

$(GATE_OBJ): BASE_CFLAGS += $(NGINX_INCS)
$(GATE_OBJ): | $(NGINX_CONF) $(GEN)

# The list of the modules in it, which nginx's configure has written.
$(B)/obj/modules.o: $(NGINX_CONF)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) -fPIC $(NGINX_INCS) -c -o $@ $(NGINX_SRC)/objs/ngx_http_inlay_module_modules.c

$(B)/ngx_http_inlay_module.so: $(GATE_OBJ) $(B)/obj/modules.o $(B)/libinlay.a
	$(Q)$(CC) $(CFLAGS) -shared -o $@ $^ -Wl,-z,relro,-z,now $(GATE_LIBS)

# ---- examples ----------------------------------------------------------------------------------
# Portals with packages of their own, which only they and their tests need.

EXAMPLES := $(B)/example-react $(B)/example-vue $(B)/example-angular $(B)/example-retool-react

examples/node_modules/.package-lock.json: examples/package-lock.json | $(B)/.packages-build
	cd examples && npm ci --no-audit --no-fund
	@touch $@

$(EXAMPLES): $(B)/example-%: examples/node_modules/.package-lock.json $(shell find examples -type f \
    -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/.angular/*' -not -path '*/cache/*' \
    \( -path '*/src/*' -o -name '*.html' -o -name '*config*' -o -name angular.json \))
	cd examples/$* && npm run --silent build
	@touch $@

# With Debian's libraries, which are not modules.
$(B)/example-verify-go: examples/verify-go/main.go | $(B)/.packages-test
	GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$(CURDIR)/$(B)/go-cache go build -o $@ $<

# ---- servers that the tests run behind Inlay ------------------------------------------------------

SERVERS := $(B)/servers/node_modules/.package-lock.json

$(SERVERS): tests/servers/package-lock.json | $(B)/.packages-build
	@mkdir -p $(B)/servers
	@cp tests/servers/package.json tests/servers/package-lock.json .npmrc $(B)/servers/
	cd $(B)/servers && npm ci --omit=optional --ignore-scripts --no-audit --no-fund
	@touch $@

# ---- tests -------------------------------------------------------------------------------------
# Unit tests are built twice, by gcc and by clang, each with ASan and UBSan. The objects of gcc are also those of
# the sanitized server and command, which the HTTP tests run, and of the fuzzers' seeds.

UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_HELP := $(filter-out $(UNIT_SRC),$(sort $(wildcard tests/unit/*.c)))
SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

define unit_rules
$(B)/unit-$(1)/%.o: %.c | $(B)/.packages-test
	@mkdir -p $$(@D)
	$$(Q)$(1) $(SANITIZE) $$(BASE_CFLAGS) $(2) -Itests/unit -Itests/fuzz -MMD -MP -c -o $$@ $$<
$(B)/unit-$(1)/libinlay.a: $$(patsubst %.c,$(B)/unit-$(1)/%.o,$(CORE_SRC) $(3))
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^
$(B)/unit-$(1)/test_%: $(B)/unit-$(1)/tests/unit/test_%.o $(UNIT_HELP:%.c=$(B)/unit-$(1)/%.o) $(B)/unit-$(1)/libinlay.a
	$$(Q)$(1) $(SANITIZE) -o $$@ $$^ $(LIB_LIBS) -lcmocka
UNIT_BIN += $(UNIT_SRC:tests/unit/%.c=$(B)/unit-$(1)/%)
endef
$(eval $(call unit_rules,gcc,-Wno-format-truncation -DINLAY_TESTING,$(TESTING_SRC)))
$(eval $(call unit_rules,clang,-Wno-gnu-statement-expression))

.PRECIOUS: $(B)/unit-gcc/%.o $(B)/unit-clang/%.o
.SECONDARY:

unit-build: $(UNIT_BIN)

# ---- the sanitized server and command -------------------------------------------------------------
# nginx itself isn't sanitized, so the sanitizers' libraries are loaded before it: preload names them.

ASAN := $(B)/asan/inlay $(B)/asan/ngx_http_inlay_module.so $(B)/asan/console $(B)/asan/preload

build-asan: build $(ASAN)

$(GATE_SRC:%.c=$(B)/unit-gcc/%.o): BASE_CFLAGS += $(NGINX_INCS)
$(GATE_SRC:%.c=$(B)/unit-gcc/%.o): | $(NGINX_CONF) $(GEN)

$(B)/asan/inlay: $(CLI_SRC:%.c=$(B)/unit-gcc/%.o) $(B)/unit-gcc/libinlay.a
	@mkdir -p $(@D)
	$(Q)gcc $(SANITIZE) -o $@ $^ $(LIB_LIBS)

$(B)/asan/ngx_http_inlay_module.so: $(GATE_SRC:%.c=$(B)/unit-gcc/%.o) $(B)/obj/modules.o $(B)/unit-gcc/libinlay.a
	@mkdir -p $(@D)
	$(Q)gcc $(SANITIZE) -shared -o $@ $^ $(GATE_LIBS)

$(B)/asan/console:
	@mkdir -p $(@D)
	@ln -s ../console $@

$(B)/asan/preload: | $(B)/.packages-build
	@mkdir -p $(@D)
	@echo "$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" > $@

include tests/fuzz/rules.mk

TEST_NEEDS := build build-asan unit-build node_modules/.package-lock.json $(EXAMPLES) $(B)/example-verify-go $(SERVERS) | $(B)/.packages-test

TEST_GROUPS := browser test-asan sdk demo pages fuzz unit trouble

test: $(TEST_NEEDS) $(FUZZERS:%=$(B)/fuzz/replay_%)
	@node tests/run.mjs $(TEST_GROUPS)

# What continuous integration runs.
test-all: $(TEST_NEEDS) $(FUZZERS:%=$(B)/fuzz/replay_%) $(FUZZERS:%=$(B)/fuzz/fuzz_%)
	@node tests/run.mjs lint $(TEST_GROUPS) whole-browser fuzz-short load-short crash-short

test-unit: unit-build
	@node tests/run.mjs unit

test-http test-asan: $(TEST_NEEDS)
	@node tests/run.mjs test-asan

test-browser: $(TEST_NEEDS)
	@node tests/run.mjs browser

test-isolation: $(TEST_NEEDS)
	@node tests/run.mjs isolation

test-webkit: $(TEST_NEEDS)
	@scripts/install-packages webkit
	@node tests/run.mjs webkit

test-crash: $(TEST_NEEDS)
	@node tests/run.mjs crash

test-load: $(TEST_NEEDS)
	@node tests/run.mjs load

# ---- run, install, lint --------------------------------------------------------------------------

DEMO := demo/app/dist/index.html demo/portal/dist/portal.js

demo/app/dist/index.html: $(shell find demo/app/src demo/app/index.html demo/app/*.ts -type f) node_modules/.package-lock.json
	npm run --silent --workspace demo/app build
	@touch $@

demo/portal/dist/portal.js: $(shell find demo/portal/browser -type f) node_modules/.package-lock.json
	npm run --silent --workspace demo/portal build
	@touch $@

run: build $(DEMO)
	@scripts/run

docs: build
	$(B)/inlay settings-reference > $(B)/configuration.md
	@mv $(B)/configuration.md docs/configuration.md
	node scripts/codes.mjs docs

install: build
	install -D -m 755 $(B)/inlay $(DESTDIR)$(PREFIX)/bin/inlay
	install -D -m 644 $(B)/ngx_http_inlay_module.so $(DESTDIR)$(PREFIX)/lib/inlay/ngx_http_inlay_module.so
	rm -rf $(DESTDIR)$(PREFIX)/share/inlay/console
	cd $(B) && find console -type f -exec install -D -m 644 {} $(DESTDIR)$(PREFIX)/share/inlay/{} \;

OUR_C := $(CORE_SRC) $(TESTING_SRC) $(CLI_SRC) $(call sources,$(CORE) $(COMMAND),h) $(wildcard tests/unit/*.[ch] tests/fuzz/*.[ch])

# All but the layout of src/gate, which is nginx's, is checked; gcc and clang warn while they compile.
LINT_SRC := $(CORE_SRC) $(TESTING_SRC) $(CLI_SRC) $(GATE_SRC)

TIDY_CFLAGS := $(filter-out -W% -D%,$(BASE_CFLAGS)) -D_GNU_SOURCE -DINLAY_VERSION=\"$(VERSION)\" $(NGINX_INCS)

lint: $(NGINX_CONF) $(GEN) $(B)/gen/nginx_conf_in.h node_modules/.package-lock.json | $(B)/.packages-test
	@scripts/install-packages lint
	clang-format --dry-run --Werror $(OUR_C)
	cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
	    --suppress=missingIncludeSystem --library=cppcheck.cfg -Isrc $(LINT_SRC)
	printf '%s\n' $(LINT_SRC) | xargs -P 2 -n 4 sh -c 'clang-tidy --quiet "$$@" -- $(TIDY_CFLAGS)' sh
	npx --no-install prettier --check .
	npx --no-install eslint --max-warnings 0 .
	npm run --silent --workspaces --if-present typecheck

format: node_modules/.package-lock.json
	clang-format -i $(OUR_C)
	npx --no-install prettier --log-level warn --write .

bench: build node_modules/.package-lock.json
	@scripts/install-packages bench
	@node bench/run.mjs

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
