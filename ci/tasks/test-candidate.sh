#!/usr/bin/env bash
# Compiles the candidate as a compile VM does, and makes a VM's calls with it against the simulator.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"

need_tools python3 ruby cc make
need_inputs bosh-cpi-src/scripts/test-release 'bosh-cpi-dev-artifacts/bosh-alicloud-cpi-*.tgz'
check_needs

candidate=$(only 'bosh-cpi-dev-artifacts/bosh-alicloud-cpi-*.tgz')
exec bosh-cpi-src/scripts/test-release --release "${candidate}"
