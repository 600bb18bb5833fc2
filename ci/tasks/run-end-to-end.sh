#!/usr/bin/env bash
# Deploys a small release of our own, whose errands check in the cloud what was made: load balancers,
# a spot instance, encryption, and a persistent disk whose size and category change.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../lib/director.sh"

assets=bosh-cpi-src/ci/assets/e2e-test-release
need_tools bosh ssh
need_inputs "${assets}/manifest.yml" metadata/metadata.json director-state/creds.yml \
  'light-stemcell/*.tgz' 'blobs/cpython/Python-3.*.tar.xz'
need_variables E2E_INSTANCE_TYPE E2E_SPOT_INSTANCE_TYPE
check_needs

release=$(mktemp -d)
trap 'rm -rf "${release}"' EXIT
stemcell=$(only 'light-stemcell/*.tgz')
python=$(only 'blobs/cpython/Python-3.*.tar.xz')

# The checks are in Python: the interpreter is a package of the CPI's release, cloud.py is from here.
cp -R "${assets}/." "${release}"
cp -R bosh-cpi-src/packages/alicloud-cpi-python "${release}/packages/"
cp bosh-cpi-src/ci/lib/cloud.py "${release}/src/e2e_checks/"

bosh --non-interactive add-blob --dir "${release}" "${python}" "cpython/${python##*/}"
bosh --non-interactive create-release --dir "${release}" --force --version 1

log_in
bosh --non-interactive upload-release --dir "${release}"
bosh --non-interactive upload-stemcell "${stemcell}"
bosh --non-interactive update-cloud-config "${assets}/cloud-config.yml" \
  --vars-file metadata/metadata.json \
  --var "instance_type=${E2E_INSTANCE_TYPE}" --var "spot_instance_type=${E2E_SPOT_INSTANCE_TYPE}"

name=$(bosh interpolate <(tar -xOzf "${stemcell}" stemcell.MF) --path /name)

deploy() { # disk type, its category, its size in GiB, whether an earlier run wrote to it
  bosh --non-interactive --deployment e2e-test deploy "${assets}/manifest.yml" \
    --vars-file metadata/metadata.json --var "stemcell_name=${name}" --var "disk_type=$1" \
    --var "disk_category=$2" --var "disk_size_gib=$3" --var "earlier=$4"
}

run() { # errand...
  local errand
  for errand in "$@"; do
    bosh --non-interactive --deployment e2e-test run-errand "${errand}"
  done
}

deploy small cloud_efficiency 20 false
run load-balancer spot encryption disk-migration
deploy large cloud_essd 40 true
run disk-migration
bosh --non-interactive --deployment e2e-test delete-deployment
