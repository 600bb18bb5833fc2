#!/usr/bin/env bash
# Destroys the environment of one job; it always runs (ensure), also after a failed build. Instances
# that tests left in the VPC would make terraform fail, so they are deleted first with their disks.
# Both parts are tried; if either fails, the task fails.
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
