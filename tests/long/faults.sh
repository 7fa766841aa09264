#!/usr/bin/env bash
# Every way to an allocation fails, every place of every call of the system with every error, every run is killed in front
# of each call that changes what is on disk, and goes on.
cd "$(dirname "$0")/../cli" || exit 1
FAULTS=all bash faults.sh
one=$?
FAULTS=all bash resume.sh && exit $one
