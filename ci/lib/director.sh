# shellcheck shell=bash
# Sourced by tasks that use the Director in director-state.

director_secret() { # path in the credentials that create-env generated
  bosh interpolate director-state/creds.yml --path "$1"
}

director_variable() { # name
  bosh interpolate director-state/director-vars.json --path "/$1"
}

# Connects to the Director's private address through an SSH tunnel to its public one: the tunnel ends
# on the Director's VM, from which its own elastic IP address cannot be reached.
log_in() {
  local key
  key=$(mktemp) # 0600
  director_secret /jumpbox_ssh/private_key >"${key}"
  BOSH_ENVIRONMENT=$(director_variable internal_ip)
  BOSH_CLIENT="admin"
  BOSH_CLIENT_SECRET=$(director_secret /admin_password)
  BOSH_CA_CERT=$(director_secret /director_ssl/ca)
  BOSH_ALL_PROXY="ssh+socks5://jumpbox@$(director_variable external_ip):22?private-key=${key}"
  export BOSH_ENVIRONMENT BOSH_CLIENT BOSH_CLIENT_SECRET BOSH_CA_CERT BOSH_ALL_PROXY
}

keep_installation() { # what create-env compiled, for the container that deletes the Director
  [[ -d "${HOME}/.bosh" ]] || return 0
  rm -rf director-state/.bosh
  cp -R "${HOME}/.bosh" director-state/.bosh
}

take_installation() {
  [[ -d director-state/.bosh ]] || return 0
  mkdir -p "${HOME}/.bosh"
  cp -R director-state/.bosh/. "${HOME}/.bosh"
}
