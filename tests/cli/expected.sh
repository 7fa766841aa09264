#!/usr/bin/env bash
# The quick experiments give their expected outcome again (the others: tests/long/expected.sh).
set -u
cd "$(dirname "$0")/../.."
. tests/cli/lib/expected.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
for name in demo quiet_start; do expect_outcome $name $name.tsv agreement.tsv; done
expect_outcome jacobi jacobi.study.tsv study.tsv
