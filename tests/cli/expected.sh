#!/usr/bin/env bash
# The quick experiments give their expected outcome again (the others: tests/long/expected.sh).
set -u
cd "$(dirname "$0")/../.."
. tests/cli/lib/expected.sh
for name in demo quiet_start; do expect_outcome $name $name.tsv agreement.tsv; done
expect_outcome jacobi jacobi.study.tsv study.tsv
