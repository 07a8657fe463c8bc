#!/bin/sh
# Records the result of a test in Claimstamp, from any tester that can run a command.
#
#   CLAIMSTAMP_URL=http://factory:4100 CLAIMSTAMP_TOKEN=cst_… \
#     report-result.sh CODE PROCEDURE passed|failed|error [REFERENCE]
#
# CODE is the Claim ID, the S/N or an identity of the device, such as its MAC. REFERENCE says where the complete result
# is. The same result sent again within a day is recorded once, so the script tries again by itself.
set -eu
code=$1 procedure=$2 outcome=$3 reference=${4:-}

# The code goes into an address, and the reference into JSON.
case $code in *[!A-Za-z0-9._:-]*) echo "the code may have letters, digits, '.', '_', ':' and '-'" >&2; exit 2 ;; esac
case $reference in *[\"\\]*) echo 'the reference must not have " and \' >&2; exit 2 ;; esac
[ -z "$reference" ] || reference=",\"reference\":\"$reference\""

exec curl --silent --show-error --fail-with-body --retry 10 --retry-connrefused --max-time 10 \
  -H "Authorization: Bearer $CLAIMSTAMP_TOKEN" -H 'Content-Type: application/json' \
  -H "Idempotency-Key: $(date +%s)-$$-$procedure" \
  -d "{\"procedure\":\"$procedure\",\"outcome\":\"$outcome\"$reference}" \
  "$CLAIMSTAMP_URL/v1/units/$code/results"
