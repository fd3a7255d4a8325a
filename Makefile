# Parley.  "make help" lists the targets; README.md explains them.

O	?= build
CC	?= cc
RELAY_CC ?= musl-gcc -static -no-pie
CFLAGS	?= -O2 -g -D_FORTIFY_SOURCE=2
PREFIX	?= /usr/local
export O

PKGS	= libmongoc-1.0 json-c libcrypto
WARN	= -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wformat=2 -Wundef \
	  -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings
CPPFLAGS += -I. -D_GNU_SOURCE $(shell pkg-config --cflags-only-I $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
ALL_CFLAGS = -std=c11 $(WARN) -fstack-protector-strong -fPIE -pthread $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -pthread $(LDFLAGS)
LIBS	= -lfcgi $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm

# Programs and tests take out of an archive what they need.  The relay has its
# own, since one runs for each connection: static, of the smallest libc.
MAINS	= cgi/main.c ws/hub.c ws/relay.c
EMBEDDED = cgi/openapi.json cgi/bot.rules
SRC	= $(filter-out $(MAINS),$(wildcard cgi/*.c ws/*.c))
LIB_OBJ	= $(SRC:%.c=$O/%.o) $(EMBEDDED:%=$O/%.o)
RELAY_OBJ = $(patsubst %.c,$O/relay.d/%.o,$(filter ws/%,$(SRC)))
UNIT	= $(patsubst tests/%.c,$O/tests/%,$(wildcard tests/test_*.c))
FUZZ	= $(patsubst tests/%.c,$O/fuzz/tests/%,$(wildcard tests/fuzz_*.c))
PROGRAMS = $O/api $O/hub $O/relay

all: $(PROGRAMS)	## build the programs

$O/api: $O/cgi/main.o $O/parley.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$O/hub: $O/ws/hub.o $O/parley.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^

$O/relay: $O/relay.d/ws/relay.o $O/relay.d/ws.a
	$(RELAY_CC) $(LDFLAGS) -o $@ $^

$O/parley.a: $(LIB_OBJ)
$O/relay.d/ws.a: $(RELAY_OBJ)
%.a:
	@rm -f $@
	@$(AR) rcsP $@ $^

$O/relay.d/%.o: %.c
	@mkdir -p $(@D)
	$(RELAY_CC) -I. -D_GNU_SOURCE $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$O/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(EMBEDDED:%=$O/%.o): $O/%.o: %
	@mkdir -p $(@D)
	ld -r -b binary -z noexecstack -o $@ $<

$O/tests/%: $O/tests/%.o $O/parley.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcriterion

$O/tests/fuzz_%: $O/tests/fuzz_%.o $O/relay.d/ws.a
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ -ljson-c -lm

SAN	= -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
C_FILES	= $(wildcard cgi/*.[ch] ws/*.[ch] tests/*.[ch] tests/bench/*.[ch])
SCRIPTS	= nginx/run nginx/services nginx/deps .ci/run \
	  $(wildcard tests/run*) $(wildcard tests/bench/run)
NODE	= tests/system/node_modules/.package-lock.json
BENCH	= $(addprefix $O/tests/bench/,load sockets startup) \
	  tests/bench/node_modules/.package-lock.json
SUBMAKE	= @$(MAKE) --no-print-directory -j$$(nproc)

deps:			## install what is missing for all of this
	@nginx/deps run test lint

run:			## run Parley on loopback (PORT=8080 RUN=build/run)
	@nginx/deps run
	$(SUBMAKE) all
	@exec setpriv --pdeathsig TERM nginx/run

test: deps		## everything: unit, sanitizers, style, system
	$(SUBMAKE) all $(NODE)
	@MAKE="$(MAKE)" tests/run

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

check: $(UNIT) $(PROGRAMS) ## unit tests alone, seconds
	@tests/run-unit $(UNIT)

asan:			## unit tests under address and undefined sanitizers
	$(SUBMAKE) O=$O/asan RELAY_CC=$(CC) CFLAGS="$(SAN) -fsanitize=address,undefined" \
		LDFLAGS=-fsanitize=address,undefined check

tsan:			## unit tests under the thread sanitizer
	$(SUBMAKE) O=$O/tsan RELAY_CC=$(CC) CFLAGS="$(SAN) -fsanitize=thread" \
		LDFLAGS=-fsanitize=thread check

sanitized:		## live system tests under sanitizers, 15 minutes
	$(SUBMAKE) all $(NODE)
	$(SUBMAKE) O=$O/asan RELAY_CC=$(CC) CFLAGS="$(SAN) -fsanitize=address,undefined" \
		LDFLAGS=-fsanitize=address,undefined all
	$(SUBMAKE) O=$O/tsan-api CFLAGS="$(SAN) -fsanitize=thread" \
		LDFLAGS=-fsanitize=thread $O/tsan-api/api
	cp $O/hub $O/relay $O/tsan-api/
	@tests/run-sanitized

fuzz:			## each fuzzer over its kept inputs (FUZZ_SECONDS=60)
	@nginx/deps fuzz
	$(SUBMAKE) O=$O/fuzz CC=clang RELAY_CC=clang \
		CFLAGS="$(SAN) -Wno-missing-field-initializers \
		-fsanitize=fuzzer-no-link,address,undefined" \
		LDFLAGS=-fsanitize=address,undefined $(FUZZ)
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} tests/run-fuzz $(FUZZ)

cov:			## lines that the unit tests reach, per file
	@rm -rf $O/cov
	$(SUBMAKE) O=$O/cov RELAY_CC=$(CC) CFLAGS="-O0 -g --coverage" \
		LDFLAGS=--coverage check
	@gcov -n $$(find $O/cov/cgi $O/cov/ws -name '*.gcda') | tr -d "'" | \
		awk '/^File [cw]/ { file = $$2; next } file && /^Lines/ { \
		print $$0 "\t" file } { file = "" }' | sort -t: -k2n

style:			## the quick part of lint: format, includes, scripts
	clang-format --dry-run -Werror $(C_FILES)
	@for h in $(filter %.h,$(C_FILES)); do \
		$(CC) $(CPPFLAGS) -std=c11 $(WARN) -Werror -fsyntax-only -x c \
			$$h || { echo "$$h does not compile alone"; exit 1; }; \
	done
	@! grep -n 'include "cgi/' ws/*.[ch] || \
		{ echo "ws/ must not include cgi/"; exit 1; }
	shellcheck -x $(wildcard $(SCRIPTS))

lint: style		## style, gcc -fanalyzer, cppcheck
	$(SUBMAKE) O=$O/analyzer CFLAGS="-O2 -g -fanalyzer -Werror \
		-Wno-analyzer-use-of-uninitialized-value" all
	cppcheck -q --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppress=comparePointers:cgi/health.c \
		--suppress=comparePointers:cgi/bot.c \
		--suppress=uninitvar:cgi/conversations_put.c \
		--error-exitcode=1 -I. cgi ws

fmt:			## format the C files
	clang-format -i $(C_FILES)

bench: deps		## the figures of README.md, beside the baseline
	$(SUBMAKE) all $(NODE) $(BENCH)
	@tests/bench/run

$O/tests/bench/sockets: $(addprefix $O/tests/bench/,accent.o swarm.o websocket.o)
$O/tests/bench/%: $O/tests/bench/%.o
	$(CC) $(ALL_LDFLAGS) -o $@ $^

install: all		## into DESTDIR, PREFIX; nginx files into /etc/nginx
	install -D -t $(DESTDIR)$(PREFIX)/lib/parley $(PROGRAMS)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/parley/static static/*
	install -D -m 644 -t $(DESTDIR)/etc/nginx nginx/parley*.conf

clean:			## remove what was built
	rm -rf $O

help:			## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1	\2/p' Makefile

-include $(shell find $O -name '*.d' -type f 2>/dev/null)
.PHONY: all deps run test check asan tsan sanitized fuzz cov style lint fmt \
	bench install clean help
.SECONDARY:
