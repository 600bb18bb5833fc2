#!/usr/bin/env bash
# Deletes the deployments, then the Director; it always runs (ensure). If the Director cannot be
# reached, its VM is deleted anyway, and destroy-environment deletes the VMs it leaves in the VPC.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../lib/director.sh"

need_tools bosh ruby ssh
need_inputs director-state
check_needs

if [[ ! -e director-state/state.json ]]; then
  echo "No Director was made: nothing to destroy"
  exit 0
fi

delete_deployments() {
  local name names
  names=$(bosh deployments --column=name) || return
  for name in ${names}; do
    bosh --non-interactive --deployment "${name}" delete-deployment --force || return
  done
}

take_installation
if ! { log_in && delete_deployments && bosh --non-interactive clean-up --all; }; then
  echo "The Director could not be cleaned up: its VM is deleted nevertheless" >&2
fi
bosh --non-interactive delete-env director-state/director.yml \
  --state director-state/state.json --vars-store director-state/creds.yml
