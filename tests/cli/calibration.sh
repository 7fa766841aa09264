#!/usr/bin/env bash
# The first experiments of tests/long/calibration.sh (TAP): no true theory differs, a wrong one does.
. "$(dirname "$0")/lib/common.sh" >/dev/null
[ -z "$SPECBIAS_SAN" ] || { skip "calibration" "sanitizers take twenty times as long"; finish; }
SPECBIAS=$SPECBIAS exec bash "$root/tests/long/calibration.sh" 3
