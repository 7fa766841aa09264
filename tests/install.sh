#!/usr/bin/env bash
# Is what `make install` installs complete and usable? (TAP)
set -uo pipefail
cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

build=${SPECBIAS_BUILD:-$PWD/build} san=${SPECBIAS_SAN-} cc=${CC:-gcc}
rm -rf "$build/install-test"
mkdir -p "$build/install-test"
here=$(cd "$build/install-test" && pwd)
stage=$here/stage root=$here/root log=$here/log
flags=(-std=c11 -Wall -Wextra -Wpedantic -Werror ${san:+"-fsanitize=$san"})

number=0 bad=0
check() { # NAME COMMAND..
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$log" 2>&1; then echo "ok $number - $name"; return; fi
    echo "not ok $number - $name"
    tail -n 30 "$log" | sed 's/^/# /'
    bad=1
}

# Staged twice, into a place with blanks; what is of others there stays when it is removed again.
final='/opt/it'\''s "x" y'
into() { make "$1" SAN="$san" DESTDIR="$stage" prefix="$final"; }

staged() {
    mkdir -p "$stage/opt/other" && into install && into install || return
    local f
    for f in bin/specbias lib/libspecbias.a lib/libspecbias.so lib/libspecbias.so.0 lib/pkgconfig/specbias.pc \
        include/specbias/status.h share/bash-completion/completions/specbias share/zsh/site-functions/_specbias; do
        [ -e "$stage$final/$f" ] || { echo "$f is missing"; return 1; }
    done
    # What stands in the file is the final place, not the staging one.
    grep -qxF "prefix=$final" "$stage$final/lib/pkgconfig/specbias.pc" && ! grep -rIl "$stage" "$stage"
}

unstaged() {
    into uninstall || return
    diff - <(cd "$stage" && find . | sort) <<<$'.\n./opt\n./opt/other'
}

removed() { # all of it, and the directories that were there are left, though empty
    mkdir -p "$stage/opt" && rm -r "$stage" && into install && into uninstall && [ ! -e "$stage" ] || return
    mkdir -p "$stage$final/include" && into install && touch "$stage$final/lib/of_another" && into uninstall || return
    diff - <(cd "$stage$final" && find . | sort) <<<$'.\n./include\n./lib\n./lib/of_another'
}

# Without DESTDIR, as that is how a user's pkg-config sees it.
export PKG_CONFIG_PATH=$root/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
pc=${PKG_CONFIG:-pkg-config}

# Compiles the example as a makefile does: pkg-config escapes blanks in paths for a shell.
compile() { # PROGRAM FLAGS
    eval "$cc \"\${flags[@]}\" tests/install_example.c $2 -o \"\$1\""
}

shared() {
    compile "$here/shared" "$($pc --cflags --libs specbias)" &&
        readelf -d "$here/shared" | grep -F 'libspecbias.so.0' && LD_LIBRARY_PATH=$root/lib "$here/shared"
}

static() {
    local libs
    # Every object of the library, so that nothing missing from Libs.private goes unnoticed.
    libs=$($pc --static --libs specbias | sed 's/-lspecbias/-Wl,--whole-archive,-l:libspecbias.a,--no-whole-archive/')
    compile "$here/static" "$($pc --cflags specbias) $libs" &&
        ! readelf -d "$here/static" | grep -F libspecbias && "$here/static"
}

# libgsl.so itself names it; as long as our own files do not, OpenBLAS comes first and wins.
no_gslcblas() {
    local f
    for f in "$root/lib/libspecbias.so.0" "$root/bin/specbias" "$here/static"; do
        ! readelf -d "$f" | grep -F gslcblas || return
    done
}

# A page for the program, each command, each topic and the keys, which `man` reads without a warning.
man_pages() {
    local pages page said
    pages=$(cd "$root/share/man" && find . -type f | sed 's|.*/||' | sort)
    diff <({ echo specbias.1 && echo specbias.cfg.5 &&
        sed -nE 's/^COMMAND\(([a-z_]+),.*/specbias-\1.1/p' src/cli/commands.def &&
        sed -nE 's/^TOPIC\(([a-z_]+),.*/specbias-\1.7/p' src/cli/help/list.def; } | sort) - <<<"$pages" || return
    for page in "$root"/share/man/man*/*; do
        [ "$(grep -c '^\.SH' "$page")" = 3 ] && [ "$(wc -l <"$page")" -gt 10 ] || { echo "$page is no page"; return 1; }
    done
    command -v man >/dev/null && command -v groff >/dev/null || return 0
    said=$(LC_ALL=C.UTF-8 MANWIDTH=90 MAN_KEEP_FORMATTING= man --warnings -M "$root/share/man" specbias-verdict 2>&1)
    [[ $said == *"How a forecast is judged"* ]] || { echo "$said"; return 1; }
    for page in "$root"/share/man/man*/*; do
        said=$(groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null)
        [ -z "$said" ] || { echo "$page: $said"; return 1; }
    done
}

header() { # NAME: twice, so that its include guard is tried too
    printf '#include <specbias/%s>\n#include <specbias/%s>\ntypedef int not_empty;\n' "$1" "$1" |
        $cc "${flags[@]}" -fsyntax-only -x c -I "$root/include" -
}

check "install below DESTDIR" staged
check "uninstall leaves no file of ours" unstaged
check "uninstall leaves no directory that install made" removed
check "install below a prefix" make install SAN="$san" prefix="$root"
check "the installed program runs" "$root/bin/specbias" --version
check "man pages of the program, its commands, topics and keys" man_pages
check "a program against the shared library" shared
check "a program against the static library" static
check "GSL's reference CBLAS is not linked" no_gslcblas
for h in "$root"/include/specbias/*.h; do
    check "<specbias/$(basename "$h")> compiles alone" header "$(basename "$h")"
done

echo "1..$number"
exit $bad
