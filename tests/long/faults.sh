#!/usr/bin/env bash
# Every allocation fails once, every place of every call of the system fails with every error, every run is killed in front
# of each of them and goes on.
cd "$(dirname "$0")/../cli" || exit 1
FAULTS=all bash faults.sh
one=$?
FAULTS=all bash resume.sh && exit $one
