# Parley.  "make help" lists the targets; README.md explains them.

O	?= build
CC	?= cc
CFLAGS	?= -O2 -g -D_FORTIFY_SOURCE=2

PKGS	= libmongoc-1.0 json-c libcrypto
WARN	= -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wformat=2 -Wundef \
	  -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings
CPPFLAGS += -I. -D_GNU_SOURCE $(shell pkg-config --cflags-only-I $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
ALL_CFLAGS = -std=c11 $(WARN) -fstack-protector-strong -fPIE -pthread $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -pthread $(LDFLAGS)
LIBS	= -lfcgi $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm

LIB_SRC	= $(filter-out cgi/main.c,$(wildcard cgi/*.c)) ws/scan.c \
	  ws/json_string.c ws/utf8.c
LIB_OBJ	= $(LIB_SRC:%.c=$O/%.o) $O/cgi/openapi.json.o
UNIT	= $(patsubst tests/%.c,$O/tests/%,$(wildcard tests/test_*.c))

all: $O/api		## build the programs

$O/api: $O/cgi/main.o $(LIB_OBJ)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$O/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$O/cgi/openapi.json.o: cgi/openapi.json
	@mkdir -p $(@D)
	ld -r -b binary -z noexecstack -o $@ $<

$O/tests/%: $O/tests/%.o $(LIB_OBJ)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcriterion

check: $(UNIT)		## unit tests alone, seconds
	@tests/run-unit $^

clean:			## remove what was built
	rm -rf $O

help:			## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1	\2/p' Makefile

-include $(shell find $O -name '*.d' 2>/dev/null)
.PHONY: all check clean help
.SECONDARY:
