#!/usr/bin/env bash
# Destroys the environment of one job; runs always (ensure), also after a half-built one. What
# tests left in the VPC would keep terraform from it: instances there are deleted first with their
# disks, and waited for. Both parts are tried, and either one's failure is the task's.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../lib/terraform.sh"

start_terraform
failed=0
vpc=$(terraform -chdir="${work}" output -raw vpc_id 2>/dev/null) || vpc=""
if [[ "${vpc}" == vpc-* ]]; then
  python3 -B bosh-cpi-src/ci/lib/empty_vpc.py "${vpc}" "${REGION}" || failed=$?
fi
run_terraform destroy || failed=$?
exit "${failed}"
