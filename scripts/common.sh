# Shared by the scripts in this directory; sourced, not run.
# shellcheck shell=bash

set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project"

models=${EDGED_MODELS:-$project/models}
testdata=${EDGED_TESTDATA:-$project/.testdata}
cache=$project/.cache
www=${EDGED_WWW:-$project/www}
# shellcheck disable=SC2034  # the scripts use them
venv=$cache/venv contract_venv=$cache/contract-venv
export EDGED_MODELS=$models EDGED_TESTDATA=$testdata EDGED_WWW=$www

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

# The passive liveness weights are the only optional part of the set-up.
have_passive_liveness() {
  [[ -f $models/minifasnet_v2.onnx && -f $models/minifasnet_v1se.onnx ]]
}

# One build serves everything: the daemon, all tests and the demonstration. Every caller uses the same flags,
# so that nothing is compiled twice.
swift_build() {
  swift build -c release "$@" >&2
}
