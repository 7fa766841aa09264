#!/usr/bin/env bash
# Is every C file as clang-format would have it? --fix: make it so. Versions of clang-format differ in what they
# want, so only Debian 12's counts.
set -uo pipefail
cd "$(dirname "$0")/.."
version=14

mapfile -t files < <(find include src theory tests -name '*.[ch]' | sort)
found=$(clang-format --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p')

if [ "${1-}" = --fix ]; then
    [ -n "$found" ] || { echo "clang-format is not installed (Debian package clang-format)" >&2; exit 1; }
    exec clang-format -i "${files[@]}"
fi
if [ "$found" != "$version" ]; then
    echo "ok 1 - formatting # SKIP needs clang-format $version"
elif complaints=$(clang-format --dry-run -Werror "${files[@]}" 2>&1); then
    echo "ok 1 - formatting"
else
    echo "not ok 1 - formatting: run make format"
    sed -n 's/^\([^:]*:[0-9]*\):.*error:.*/# \1/p' <<<"$complaints" | sort -u | head -n 40
    exit 1
fi
