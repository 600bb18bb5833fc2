#!/usr/bin/env bash
# Runs BOSH's acceptance tests, unchanged, against the Director. Their cloud-config is ours
# (ci/assets/bats), with a disk category that allows the small disks they make.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../lib/director.sh"

need_tools bosh python3 ruby bundle ssh
need_inputs bosh-cpi-src/ci/assets/bats/bats.yml metadata/metadata.json bats/Gemfile \
  director-state/creds.yml 'light-stemcell/*.tgz'
need_variables BAT_INSTANCE_TYPE BAT_ROOT_DISK_INSTANCE_TYPE
check_needs

umask 077
mkdir -p bats-config
stemcell=$(only 'light-stemcell/*.tgz')
tar -xOzf "${stemcell}" stemcell.MF >bats-config/stemcell.yml
python3 bosh-cpi-src/ci/lib/metadata.py bats metadata/metadata.json >bats-config/vars.json
log_in
bosh interpolate bosh-cpi-src/ci/assets/bats/bats.yml \
  --vars-file bats-config/vars.json \
  --var "instance_type=${BAT_INSTANCE_TYPE}" \
  --var "root_disk_instance_type=${BAT_ROOT_DISK_INSTANCE_TYPE}" \
  --var "stemcell_name=$(bosh interpolate bats-config/stemcell.yml --path /name)" \
  --var-file ssh_public_key=<(director_secret /jumpbox_ssh/public_key) \
  --var-file ssh_private_key=<(director_secret /jumpbox_ssh/private_key) \
  >bats-config/bats.yml

cp bosh-cpi-src/ci/assets/bats/cloud_config.yml.erb bats/templates/cloud_config_candidate.yml.erb
BAT_BOSH_CLI=$(command -v bosh)
BAT_DEPLOYMENT_SPEC=$(realpath bats-config/bats.yml)
export BAT_BOSH_CLI BAT_DEPLOYMENT_SPEC BAT_STEMCELL="${stemcell}" BAT_INFRASTRUCTURE=alicloud
read -ra flags <<<"${BAT_RSPEC_FLAGS:-}"
cd bats
bundle install
bundle exec rspec spec/system "${flags[@]}"
