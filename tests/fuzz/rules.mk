# Fuzzers: every fuzz_NAME.c has seeds in corpus/NAME. "make fuzz-replay" runs the seeds through
# them, built by gcc with ASan and UBSan, and prints TAP; "make fuzz SECONDS=60" lets libFuzzer look
# for more, that long for each.

SECONDS   ?= 60
FUZZERS   := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_CORE := $(filter src/base/% src/crypto/% src/http/% src/apps/bundle/% src/http/rewrite.c,$(CORE_SRC))
FUZZ_LIBS := -lpsl -lunistring -ljansson -larchive -lcrypto -lz -lbrotlienc -lbrotlidec -pthread

.PHONY: fuzz fuzz-replay

$(B)/fuzz/clang/%.o: %.c | $(B)/.packages-test
	@mkdir -p $(@D)
	$(Q)clang $(SANITIZE) -fsanitize=fuzzer-no-link $(BASE_CFLAGS) -Wno-unknown-warning-option -Itests/fuzz -MMD -MP -c -o $@ $<

$(B)/fuzz/clang/libcore.a: $(FUZZ_CORE:%.c=$(B)/fuzz/clang/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

# Of the objects of the unit tests.
$(B)/fuzz/replay_%: $(B)/unit-gcc/tests/fuzz/fuzz_%.o $(B)/unit-gcc/tests/fuzz/replay.o $(B)/unit-gcc/libinlay.a
	@mkdir -p $(@D)
	$(Q)gcc $(SANITIZE) -o $@ $^ $(LIB_LIBS)

$(B)/fuzz/fuzz_%: $(B)/fuzz/clang/tests/fuzz/fuzz_%.o $(B)/fuzz/clang/libcore.a
	$(Q)clang $(SANITIZE) -fsanitize=fuzzer -o $@ $^ $(FUZZ_LIBS)

fuzz-replay: $(FUZZERS:%=$(B)/fuzz/replay_%)
	@failed=0; for name in $(FUZZERS); do \
	    $(B)/fuzz/replay_$$name tests/fuzz/corpus/$$name || failed=1; \
	done; exit $$failed

# What libFuzzer finds to be new stays in the build folder, and so do inputs that crash.
fuzz: $(FUZZERS:%=$(B)/fuzz/fuzz_%)
	@for name in $(FUZZERS); do \
	    mkdir -p $(B)/fuzz/found/$$name; \
	    $(B)/fuzz/fuzz_$$name -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
	        -print_final_stats=1 -artifact_prefix=$(B)/fuzz/$$name- \
	        $(B)/fuzz/found/$$name tests/fuzz/corpus/$$name || exit 1; \
	done
