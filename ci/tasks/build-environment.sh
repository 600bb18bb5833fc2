#!/usr/bin/env bash
# Builds the environment of one job, and turns terraform's outputs into metadata/metadata.json.
# If it fails half-way, destroy-environment deletes what was made: the state is remote.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../lib/terraform.sh"

start_terraform
terraform -chdir="${work}" fmt -check -diff
terraform -chdir="${work}" validate -no-color
run_terraform apply
mkdir -p metadata
terraform -chdir="${work}" output -json >"${work}/outputs.json"
python3 bosh-cpi-src/ci/lib/metadata.py flatten "${work}/outputs.json" >"${work}/metadata.json"
mv "${work}/metadata.json" metadata/
cat metadata/metadata.json
