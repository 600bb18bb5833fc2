#!/usr/bin/env bash
# The test of bosh-cpi-certification besides BATs: its release is deployed, recreated and deleted.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../lib/director.sh"

certification=pipelines/shared/assets/certification-release
need_tools bosh ssh
need_inputs "${certification}/certification.yml" bosh-deployment/alicloud/cloud-config.yml \
  director-state/creds.yml 'light-stemcell/*.tgz'
check_needs

log_in
stemcell=$(only 'light-stemcell/*.tgz')
name=$(bosh interpolate <(tar -xOzf "${stemcell}" stemcell.MF) --path /name)
bosh --non-interactive update-cloud-config bosh-deployment/alicloud/cloud-config.yml \
  --vars-file director-state/director-vars.json
bosh --non-interactive create-release --dir "${certification}" --force --name certification
bosh --non-interactive upload-release --dir "${certification}"
bosh --non-interactive upload-stemcell "${stemcell}"
bosh --non-interactive --deployment certification deploy "${certification}/certification.yml" \
  --var deployment_name=certification --var release_name=certification \
  --var "stemcell_name=${name}"
bosh --non-interactive --deployment certification recreate
bosh --non-interactive --deployment certification delete-deployment
