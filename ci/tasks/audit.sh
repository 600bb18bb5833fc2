#!/usr/bin/env bash
# Checks every locked dependency for known vulnerabilities; config/audit.toml has the exceptions.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"

need_tools python3
need_inputs bosh-cpi-src/scripts/audit bosh-cpi-src/config/audit.toml
check_needs

exec bosh-cpi-src/scripts/audit
