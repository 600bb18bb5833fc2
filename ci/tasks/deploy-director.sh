#!/usr/bin/env bash
# Deploys the Director. director-state gets the credentials for the next tasks and all that
# destroy-director needs, also if this fails.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../lib/director.sh"

need_tools bosh ruby cc make
need_inputs director-config/director.yml director-config/director-vars.json \
  'bosh-release/*.tgz' 'light-stemcell/*.tgz' 'bosh-cpi-dev-artifacts/bosh-alicloud-cpi-*.tgz'
check_needs

umask 077
mkdir -p director-state/tarballs
trap 'keep_installation' EXIT
cp director-config/director.yml director-config/director-vars.json director-state/
cp bosh-release/*.tgz light-stemcell/*.tgz bosh-cpi-dev-artifacts/bosh-alicloud-cpi-*.tgz \
  director-state/tarballs/
bosh --non-interactive create-env director-state/director.yml \
  --state director-state/state.json --vars-store director-state/creds.yml

log_in
bosh --non-interactive environment
