# shellcheck shell=bash
# Sourced by the tasks that build and destroy an environment. Only names and places are arguments:
# credentials come from the RAM role of the worker's instance, or from the variables that terraform's
# provider reads.

start_terraform() { # a copy of the template, connected to its state
  need_tools terraform python3
  need_inputs bosh-cpi-src/ci/terraform/main.tf
  need_variables ENVIRONMENT_NAME REGION INSTANCE_TYPE PUBLIC_KEY TRUSTED_CIDR \
    STATE_BUCKET STATE_REGION STATE_LOCK_ENDPOINT STATE_LOCK_TABLE
  check_needs
  work=$(mktemp -d)
  trap 'rm -rf "${work}"' EXIT
  cp -R bosh-cpi-src/ci/terraform/. "${work}"
  terraform -chdir="${work}" init -input=false -no-color \
    -backend-config="bucket=${STATE_BUCKET}" \
    -backend-config="region=${STATE_REGION}" \
    -backend-config="key=${ENVIRONMENT_NAME}.tfstate" \
    -backend-config="tablestore_endpoint=${STATE_LOCK_ENDPOINT}" \
    -backend-config="tablestore_table=${STATE_LOCK_TABLE}" \
    ${ECS_ROLE_NAME:+-backend-config="ecs_role_name=${ECS_ROLE_NAME}"}
}

run_terraform() { # subcommand, options...
  local command=$1
  shift
  terraform -chdir="${work}" "${command}" -input=false -no-color -auto-approve \
    -var="environment_name=${ENVIRONMENT_NAME}" \
    -var="region=${REGION}" \
    -var="instance_type=${INSTANCE_TYPE}" \
    -var="public_key=${PUBLIC_KEY}" \
    -var="trusted_cidr=${TRUSTED_CIDR}" \
    -var="ecs_role_name=${ECS_ROLE_NAME:-}" "$@"
}
