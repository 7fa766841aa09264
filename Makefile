# specbias: build, test, install. `make help` lists the targets. Everything generated lands in build/, or in O.
#
# What you may set on the command line or in the environment:
#   CC, CFLAGS, LDFLAGS    compiler and extra flags (ours come first)
#   SAN=address,undefined  sanitizers; such a build has a directory of its own
#   WERROR=1               warnings are errors
#   MPI=1                  `specbias sweep` and `kernel` under mpirun (OpenMPI, ScaLAPACK), in a directory of its own
#   O=DIR                  build there instead of in build/; the source tree may then be read-only
#   V=1                    show the commands
#   ONLY=word              check: only the tests whose path contains the word
#   ROUNDS=100, SEED=n     fuzz: rounds of 6000 files, and which they are
#   DESTDIR, prefix, ..    as usual, for install and uninstall

VERSION := 0.1.0
SOVERSION := 0

ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
prefix = /usr/local
bindir = $(prefix)/bin
libdir = $(prefix)/lib
includedir = $(prefix)/include
datadir = $(prefix)/share
mandir = $(datadir)/man

MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

.PHONY: all
all: program libs ## program and libraries (the default)

# ---- sources -----------------------------------------------------------------------------------------------------

# Names of targets cannot hold blanks; the path of the source tree may.
O ?= build
ifneq ($(words $(O)),1)
$(error O="$(O)": the build directory must be a name without blanks)
endif
B := $(O)$(if $(SAN),/san-$(SAN))$(if $(MPI),/mpi)
# The same as an absolute path, for what runs elsewhere.
ABSOLUTE = $(if $(filter /%,$B),$B,$(CURDIR)/$B)
OBJ := $B/obj

SRC := $(sort $(wildcard src/*/*.c src/*/*/*.c theory/*.c theory/*/*.c theory/*/*/*.c))
CLI_SRC := $(filter src/cli/%,$(SRC))
# These hold the hot loops: compiled once per instruction set, the best one is chosen at run time (core/by_isa.h).
ISA_SRC := $(filter src/net/loops/% src/kernel/loops/% src/watch/loops/% theory/heat/loops/%,$(SRC)) $(filter-out %/registry.c %/batches.c,$(wildcard src/rule/*.c))
# These are written for `real`: compiled for double and float, each once per instruction set.
REAL_SRC := $(filter-out %/registry.c,$(filter src/net/activation/% src/net/layer/%,$(SRC)))
LIB_SRC := $(filter-out $(CLI_SRC) $(ISA_SRC) $(REAL_SRC),$(SRC))

X86 := $(filter x86_64%,$(shell $(CC) -dumpmachine 2>/dev/null || uname -m))
ISAS := baseline $(if $(X86),avx2 avx512)
MARCH.avx2 := -march=x86-64-v3
MARCH.avx512 := -march=x86-64-v4 -mprefer-vector-width=512

CLI_OBJ := $(CLI_SRC:%.c=$(OBJ)/%.o)
LIB_OBJ := $(LIB_SRC:%.c=$(OBJ)/%.o) $(foreach isa,$(ISAS),$(ISA_SRC:%.c=$(OBJ)/%.$(isa).o) \
    $(REAL_SRC:%.c=$(OBJ)/%.$(isa).double.o) $(REAL_SRC:%.c=$(OBJ)/%.$(isa).float.o))

PROGRAM := $B/bin/specbias
LIB_A := $B/lib/libspecbias.a
LIB_SO := $B/lib/libspecbias.so.$(SOVERSION)

.PHONY: program libs
program: $(PROGRAM)
libs: $(LIB_A) $(LIB_SO) $B/lib/libspecbias.so

# ---- flags -------------------------------------------------------------------------------------------------------

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
# No contraction to FMA by default: the same source must give the same bits wherever the compiler inlines it.
BASE := -std=c11 -O2 -g $(WARN) -ffp-contract=off -D_GNU_SOURCE -Iinclude -Isrc -I. $(if $(X86),-DSB_HAVE_X86_ISAS=1)
FAST := -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math
# The loops take two vectors at a time; scheduling mixes their instructions, 0.8 of the time on AVX-512.
SCHEDULE := $(if $(findstring clang,$(CC)),,-fschedule-insns -fsched-pressure)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
OURS = $(BASE) $(SANFLAGS) $(if $(WERROR),-Werror)
COMPILE = $(CC) $(OURS) $(PKG_CFLAGS) -fPIC -pthread $(call quote,-ffile-prefix-map=$(CURDIR)=.) -MMD -MP
LINK = $(CC) $(SANFLAGS) -pthread $(LDFLAGS)

# Asked once and only when needed, as pkg-config may be missing until `make setup` has run. Without the variable,
# gsl.pc would bring GSL's reference CBLAS, which is six times slower than OpenBLAS.
PKGS := gsl lapacke openblas arpack fftw3 libconfig nettle zlib libpng jansson
PKG := $(PKG_CONFIG) --define-variable=GSL_CBLAS_LIB=-lopenblas
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell $(PKG) --cflags $(PKGS)))$(PKG_CFLAGS)
LIBS = $(eval LIBS := $(shell $(PKG) --libs $(PKGS)) -lm -pthread)$(LIBS)

# ---- rules -------------------------------------------------------------------------------------------------------

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(2)')
quote = '$(subst ','\'',$(1))'
# Recipe for a file that changes only when its content does, so what depends on it is rebuilt exactly then.
stamp = @mkdir -p $(@D); [ -e $@ ] && [ "$$(cat $@)" = $(call quote,$(1)) ] || printf '%s\n' $(call quote,$(1)) >$@

.PHONY: FORCE
FORCE:

# Says what is missing, once per build directory, before the compiler would say it less clearly.
$B/ready: .ci/setup .ci/packages
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' MPI='$(MPI)' bash .ci/setup --probe
	@mkdir -p $(@D) && touch $@

$B/flags: FORCE | $B/ready
	$(call stamp,$(strip $(COMPILE) $(CFLAGS) / $(LINK) $(LIBS)))

$B/sources: FORCE
	$(call stamp,$(SRC))

$(OBJ)/%.o: %.c $B/flags Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$Q$(COMPILE) $(EXTRA) $(CFLAGS) -c $< -o $@

# User flags stand before -march, so that -march=native cannot make "baseline" or "avx2" a lie on another machine.
define isa_rule
$(OBJ)/%.$(1)$(2).o: %.c $B/flags Makefile
	$$(call say,CC,$$< ($(1)$(2)))
	@mkdir -p $$(@D)
	$Q$$(COMPILE) $(FAST) $(SCHEDULE) -DSB_ISA=$(1) $(if $(2),-DSB_REAL=$(2:.%=%)) $$(CFLAGS) $(MARCH.$(1)) -c $$< -o $$@
endef
$(foreach isa,$(ISAS),$(foreach real,none .double .float,$(eval $(call isa_rule,$(isa),$(real:none=)))))

# The one file that knows version and flags.
GIT := $(or $(shell test -e .git && git describe --always --dirty --tags 2>/dev/null),unknown)
VERSION_O := $(OBJ)/src/core/version.o
$(VERSION_O): $B/version
$(VERSION_O): EXTRA = -DSB_VERSION='"$(VERSION)"' -DSB_GIT='"$(GIT)"' \
                     -DSB_CFLAGS=$(call quote,"$(subst ",\",$(strip $(OURS) $(CFLAGS)))")
$B/version: FORCE
	$(call stamp,$(VERSION) $(GIT))

# The files that know MPI. ScaLAPACK takes its BLAS from OpenBLAS, too, which is linked first.
$(OBJ)/src/cli/ranks.o $(OBJ)/src/cli/grid.o: EXTRA = $(if $(MPI),-DSB_MPI $(shell $(PKG) --cflags ompi-c))
MPI_LIBS = $(if $(MPI),$(shell $(PKG) --libs ompi-c scalapack-openmpi))

# These embed files with .incbin, which header tracking does not see (core/embed.h).
$(OBJ)/src/report/embedded.o: $(wildcard plots/*.*)
$(OBJ)/src/cli/topics.o: $(wildcard src/cli/help/*)

# Quick append: folders may hold files of one name (registry.c), which `ar r` would take for replacements.
$(LIB_A): $(LIB_OBJ) $B/sources
	$(call say,AR,$@)
	@mkdir -p $(@D) && rm -f $@
	$Q$(AR) qcs $@ $(LIB_OBJ)

$(LIB_SO): $(LIB_OBJ) $B/sources
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$Q$(LINK) -shared -Wl,-soname,$(@F) $(if $(SAN),,-Wl,-z,defs) $(LIB_OBJ) $(LIBS) -o $@

$B/lib/libspecbias.so: $(LIB_SO)
	@ln -sf $(<F) $@

$(PROGRAM): $(CLI_OBJ) $(LIB_A) $B/sources
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$Q$(LINK) $(CLI_OBJ) $(LIB_A) $(LIBS) $(MPI_LIBS) -o $@

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)

# ---- set-up and demo ---------------------------------------------------------------------------------------------

# For the second half of a target whose first half was `setup`; as parallel as the machine, unless -j says otherwise.
SUBMAKE = $(MAKE) $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: setup demo gallery
setup: ## install the Debian packages that are missing
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' MPI='$(MPI)' bash .ci/setup

demo: setup ## set up, build, run experiments/demo.cfg
	+@$(SUBMAKE) program
	$Q$(PROGRAM) run experiments/demo.cfg --force -o $(O)/runs/demo

GALLERY = demo nobias design theorem1 splines width
gallery: demo ## run what plots/gallery shows (20 minutes) and refresh it
	@for e in $(filter-out demo,$(GALLERY)); do \
	    $(PROGRAM) run experiments/$$e.cfg --force -o $(O)/runs/$$e || exit; done
	@mkdir -p plots/gallery
	@for e in $(GALLERY); do for f in $(O)/runs/$$e/figures/*.svg; do \
	    g=$${f##*/}; cp -v "$$f" "plots/gallery/$$e$$([ "$$g" = "$$e.svg" ] || echo "-$${g%.svg}").svg"; done; done
	@$(PROGRAM) kernel experiments/circle.cfg --force -o $(O)/runs/circle-kernel
	@cp -v $(O)/runs/circle-kernel/figures/spectrum.svg plots/gallery/circle-spectrum.svg
	@$(PROGRAM) run experiments/image.cfg --force -o $(O)/runs/image
	@cp -v $(O)/runs/image/figures/frames.svg plots/gallery/image-frames.svg
	@$(PROGRAM) run experiments/parity.cfg --force -o $(O)/runs/parity
	@cp -v $(O)/runs/parity/figures/spectra.svg plots/gallery/parity-spectra.svg

.PHONY: claims-table
claims-table: setup ## specbias reproduce all --fast (20 minutes), and the table that it makes: experiments/CLAIMS.md
	+@$(SUBMAKE) program
	$Q$(PROGRAM) reproduce all --fast -o $(O)/runs/reproduce-fast
	@cp -v $(O)/runs/reproduce-fast/claims.md experiments/CLAIMS.md
	@cp -v $(O)/runs/reproduce-fast/orders/figures/times.svg plots/gallery/orders-times.svg
	@cp -v $(O)/runs/reproduce-fast/plane/figures/decay.svg plots/gallery/plane-decay.svg
	@cp -v $(O)/runs/reproduce-fast/hybrid/figures/hybrid.svg plots/gallery/hybrid.svg
	@cp -v $(O)/runs/reproduce-fast/taps/figures/sweep.svg plots/gallery/taps-sweep.svg
	@cp -v $(O)/runs/reproduce-fast/densities/figures/overlay.svg plots/gallery/densities-overlay.svg

# ---- tests -------------------------------------------------------------------------------------------------------

programs = $(patsubst %.c,$B/%,$(sort $(wildcard $(1))))
UNIT := $(call programs,tests/unit/*.c)
LONG := $(call programs,tests/long/*.c)
BENCH := $(call programs,tests/bench/*.c)
TOOLS := $(call programs,tests/tools/*.c)
COMMON_OBJ := $(patsubst %.c,$(OBJ)/%.o,$(wildcard tests/unit/common/*.c tests/oracles/*.c))

$(UNIT) $(LONG): $B/%: $(OBJ)/%.o $(COMMON_OBJ) $(LIB_A)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$Q$(LINK) $^ $(LIBS) -lcmocka -o $@

$(TOOLS): $B/%: $(OBJ)/%.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$Q$(LINK) $^ $(LIBS) -o $@

# Preloaded into the program by tests/cli/faults.sh; never with sanitizers, which bring allocators of their own.
FAULTS := $B/tests/faults/faults.so
$(FAULTS): tests/faults/faults.c $B/flags Makefile
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$Q$(CC) $(BASE) $(if $(WERROR),-Werror) $(CFLAGS) -fPIC -shared $< -ldl -o $@

$(BENCH:$B/%=$(OBJ)/%.o): EXTRA = $(FAST)
$(BENCH): $B/%: $(OBJ)/%.o $(LIB_A)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$Q$(LINK) $^ $(LIBS) -o $@

TEST_ENV = SPECBIAS=$(call quote,$(ABSOLUTE)/bin/specbias) SPECBIAS_BUILD=$(call quote,$(ABSOLUTE)) SPECBIAS_SAN='$(SAN)' CC='$(CC)'
TESTS = $(UNIT) $(sort $(wildcard tests/cli/*.sh)) tests/layers.sh tests/format.sh tests/install.sh
LONG_TESTS = $(LONG) $(sort $(wildcard tests/long/*.sh))
some = $(if $(ONLY),$(foreach t,$(1),$(if $(findstring $(ONLY),$(t)),$(t))),$(1))

.PHONY: check check-long fuzz check-layers format format-check bench bench-peers bench-scaling build-check build-check-long build-bench
build-check: all $(UNIT) $(TOOLS) $(FAULTS)
build-check-long: build-check $(LONG)
build-bench: $(BENCH)

check: setup ## set up, build, run all tests
	+@$(SUBMAKE) build-check
	@$(TEST_ENV) bash tests/run.sh $(call some,$(TESTS))

check-long: setup ## check, and the slow tests of tests/long
	+@$(SUBMAKE) build-check-long
	@$(TEST_ENV) TEST_TIMEOUT=$${TEST_TIMEOUT:-7200} bash tests/run.sh $(call some,$(TESTS) $(LONG_TESTS))

FUZZ_SAN := address,undefined
FUZZ := $(O)/san-$(FUZZ_SAN)/tests/unit/fuzz_data
ROUNDS = 100
SEED = $(shell date +%s)
fuzz: setup ## break data files at random, under sanitizers, until a loader breaks (ROUNDS=100 of 6000, SEED=time)
	+@$(SUBMAKE) SAN=$(FUZZ_SAN) $(FUZZ)
	@SPECBIAS_SAN=$(FUZZ_SAN) SPECBIAS_BUILD=$(call quote,$(ABSOLUTE)) ASAN_OPTIONS=allocator_may_return_null=1 \
	    $(FUZZ) $(ROUNDS) $(SEED)

check-layers: ## who may include whom
	@bash tests/layers.sh

bench: ## build and run tests/bench; $(O)/bench.tsv
	+@$(SUBMAKE) build-bench
	@rm -f $(call quote,$O/bench.tsv)
	@set -e; for b in $(BENCH); do echo "== $${b##*/}"; BENCH_TSV=$(call quote,$O/bench.tsv) "$$b"; done

PEERS := $O/peers
$(PEERS)/ready:
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install -q numpy scipy torch "jax==0.4.30" "jaxlib==0.4.30" "neural-tangents==0.6.5"
	touch $@

bench-peers: $(PEERS)/ready ## the same work by numpy, scipy, torch, jax, neural-tangents (from PyPI, 8 GB); $(O)/peers.tsv
	+@$(SUBMAKE) build-bench
	@$(PEERS)/bin/python tests/peers/speed.py $B/tests/bench -o $O/peers.tsv

bench-scaling: ## time and memory against n, width, parameters, threads, with exponents; $(O)/scaling.tsv, .svg
	+@$(SUBMAKE) all $B/tests/tools/cost
	@bash tests/bench/scaling.sh $(PROGRAM) $B/tests/tools/cost $O

format: ## clang-format all C files in place
	@bash tests/format.sh --fix

format-check: ## would `make format` change anything?
	@bash tests/format.sh

# ---- install -----------------------------------------------------------------------------------------------------

# What a program linked with the static library needs stands in Libs.private and not in Requires.private: the latter
# would bring GSL's own CBLAS, and a Fortran run-time library that only a fully static program needs.
define PC
prefix=$(prefix)
libdir=$(subst $(prefix)/,$${prefix}/,$(libdir))
includedir=$(subst $(prefix)/,$${prefix}/,$(includedir))

Name: specbias
Description: Checks the theory of spectral bias against real training
Version: $(VERSION)
Cflags: -I"$${includedir}"
Libs: -L"$${libdir}" -lspecbias
Libs.private: $(LIBS)
endef

INSTALL := install
D = $(DESTDIR)
HEADERS := $(notdir $(wildcard include/specbias/*)) # keys.def, too
EXPERIMENTS := $(notdir $(wildcard experiments/*.cfg))

# The directories that install makes are noted below share/, as seen from DESTDIR; uninstall removes those that are empty.
in = $(call quote,$D$(1))
PLACES = $(foreach p,bindir libdir includedir datadir,$(call quote,$($p)$(BELOW.$p))) \
    $(foreach s,$(MAN_SECTIONS),$(call quote,$(mandir)/man$s)) $(call quote,$(BASH_COMPLETION)) $(call quote,$(ZSH_COMPLETION))
MAN_SECTIONS := 1 5 7
BASH_COMPLETION = $(datadir)/bash-completion/completions
ZSH_COMPLETION = $(datadir)/zsh/site-functions
BELOW.libdir := /pkgconfig
BELOW.includedir := /specbias
BELOW.datadir := /specbias/experiments
NOTE = $(call in,$(datadir)/specbias/directories)
missing_places = for d in $(PLACES); do while [ -n "$$d" ] && [ ! -d $(call in)"$$d" ]; do \
    printf '%s\n' "$$d"; case $$d in */*) d=$${d%/*} ;; *) d= ;; esac; done; done; [ -d $(call in,/) ] || echo /

# Made of what the program says of itself.
$B/man: $(PROGRAM) src/cli/shell/man.sh
	$(call say,MAN,$@)
	$Qrm -rf $@ && bash src/cli/shell/man.sh $(PROGRAM) $@ && touch $@

.PHONY: install uninstall installcheck
install: all $B/man ## install below DESTDIR and prefix (/usr/local)
	@made=$$($(missing_places)); \
	for d in $(PLACES); do $(INSTALL) -d $(call in)"$$d" || exit; done; \
	[ -z "$$made" ] || printf '%s\n' "$$made" >>$(NOTE)
	@$(INSTALL) -m 755 $(PROGRAM) $(call in,$(bindir))
	@$(INSTALL) -m 644 $(LIB_A) $(LIB_SO) $(call in,$(libdir))
	@ln -sf $(notdir $(LIB_SO)) $(call in,$(libdir)/libspecbias.so)
	@$(INSTALL) -m 644 $(HEADERS:%=include/specbias/%) $(call in,$(includedir)/specbias)
	@$(if $(EXPERIMENTS),$(INSTALL) -m 644 $(EXPERIMENTS:%=experiments/%) $(call in,$(datadir)/specbias/experiments))
	@for s in $(MAN_SECTIONS); do $(INSTALL) -m 644 $B/man/man$$s/* $(call in,$(mandir)/man)$$s || exit; done
	@$(INSTALL) -m 644 src/cli/shell/specbias.bash $(call in,$(BASH_COMPLETION)/specbias)
	@$(INSTALL) -m 644 src/cli/shell/_specbias $(call in,$(ZSH_COMPLETION))
	$(file >$B/specbias.pc,$(PC))
	@$(INSTALL) -m 644 $B/specbias.pc $(call in,$(libdir)/pkgconfig)

uninstall: ## remove what install installed, and the directories it made as far as they are empty
	@made=$$(cat $(NOTE) 2>/dev/null); \
	rm -f $(call in,$(bindir)/specbias) $(call in,$(libdir)/libspecbias.a) $(call in,$(libdir)/)libspecbias.so* \
	    $(call in,$(libdir)/pkgconfig/specbias.pc) $(call in,$(BASH_COMPLETION)/specbias) $(call in,$(ZSH_COMPLETION)/_specbias) \
	    $(foreach s,$(MAN_SECTIONS),$(call in,$(mandir)/man$s/)specbias[.-]*) && \
	rm -rf $(call in,$(includedir)/specbias) $(call in,$(datadir)/specbias) && \
	printf '%s\n' "$$made" | LC_ALL=C sort -ru | while IFS= read -r d; do \
	    [ -z "$$d" ] || rmdir $(call in,)"$$d" 2>/dev/null || :; done

installcheck: all ## install below the build directory and build a program against it
	@$(TEST_ENV) bash tests/install.sh

# ------------------------------------------------------------------------------------------------------------------

.PHONY: clean help
clean: ## remove the build directory
	@rm -rf $(O)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
