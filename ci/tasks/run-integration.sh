#!/usr/bin/env bash
# Runs tests/live in a real account with the light stemcell, then uploads the full stemcell once
# through OSS. Credentials come from the RAM role of the worker's instance, or from
# LIVE_ACCESS_KEY_ID and LIVE_ACCESS_KEY_SECRET; LIVE_..._ENDPOINT and LIVE_CA_CERT name another cloud.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"

need_tools python3
need_inputs bosh-cpi-src/tests/live metadata/metadata.json 'light-stemcell/*.tgz' \
  'stemcell/*.tgz'
need_variables LIVE_INSTANCE_TYPE
check_needs

export LIVE_INSTANCE_TYPE LIVE_NVME_INSTANCE_TYPE LIVE_SPOT_INSTANCE_TYPE
[[ -n "${LIVE_ACCESS_KEY_ID:-}" ]] || export LIVE_CREDENTIAL_SOURCE=ecs_ram_role
exports=$(python3 bosh-cpi-src/ci/lib/metadata.py live metadata/metadata.json)
eval "${exports}"
read -ra arguments <<<"${TEST_ARGS:-}"
mkdir -p test-results

play() { # folder of the stemcell, stories
  LIVE_STEMCELL=$(only "$1/*.tgz")
  export LIVE_STEMCELL
  bosh-cpi-src/scripts/test "$2" -p no:xdist "${arguments[@]}" \
    --junit-xml "${PWD}/test-results/$1.xml"
}

play light-stemcell tests/live
play stemcell tests/live/test_stemcells.py::test_an_upload
