#!/usr/bin/env bash
# Random lives of VMs, disks, stemcells and networks with faults and kills, against the simulator.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"

need_tools python3
need_inputs bosh-cpi-src/scripts/soak
need_variables MINUTES
check_needs

exec bosh-cpi-src/scripts/soak --minutes "${MINUTES}"
