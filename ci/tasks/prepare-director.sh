#!/usr/bin/env bash
# Makes the manifest of a Director with the candidate from the metadata. create-env and the Director
# use RAM roles, and are given no key. EXTRA_OPS: more ops files.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"

need_tools bosh python3
need_inputs bosh-cpi-src/ci/assets/ops/director.yml metadata/metadata.json \
  bosh-deployment/bosh.yml pipelines/shared/assets/ops/custom-releases.yml \
  'bosh-release/*.tgz' 'light-stemcell/*.tgz' 'bosh-cpi-dev-artifacts/bosh-alicloud-cpi-*.tgz'
need_variables DIRECTOR_INSTANCE_TYPE
check_needs

bosh_release=$(only 'bosh-release/*.tgz')
stemcell=$(only 'light-stemcell/*.tgz')
candidate=$(only 'bosh-cpi-dev-artifacts/bosh-alicloud-cpi-*.tgz')
mkdir -p director-config
python3 bosh-cpi-src/ci/lib/metadata.py director metadata/metadata.json \
  >director-config/director-vars.json

options=()
read -ra extra <<<"${EXTRA_OPS:-}"
for ops in bosh-deployment/{alicloud/cpi,jumpbox-user,external-ip-not-recommended}.yml \
  pipelines/shared/assets/ops/custom-releases.yml \
  pipelines/alicloud/assets/ops/custom-cpi-release.yml \
  bosh-cpi-src/ci/assets/ops/director.yml "${extra[@]}"; do
  options+=(--ops-file "${ops}")
done

# Paths of tarballs are relative to the manifest, beside which deploy-director puts them.
bosh interpolate bosh-deployment/bosh.yml "${options[@]}" \
  --vars-file director-config/director-vars.json \
  --var "director_instance_type=${DIRECTOR_INSTANCE_TYPE}" \
  --var "bosh_release_uri=file://tarballs/${bosh_release##*/}" \
  --var "cpi_release_uri=file://tarballs/${candidate##*/}" \
  --var "stemcell_uri=file://tarballs/${stemcell##*/}" \
  >director-config/director.yml
