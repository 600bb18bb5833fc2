#!/usr/bin/env bash
# Lint, types, import contracts and all tests; with TEST_ARGS only pytest with these arguments.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"

need_tools python3 ruby
need_inputs bosh-cpi-src/scripts/test
check_needs

read -ra arguments <<<"${TEST_ARGS:-}"
exec bosh-cpi-src/scripts/test "${arguments[@]}"
