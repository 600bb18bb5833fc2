# shellcheck shell=bash
# Sourced by every task: checks that everything the task needs is there, and names what is missing,
# before the task does anything. A task runs in the folder that has its inputs as subfolders.

missing=()

need_variables() { # name...: set and not empty
  local name
  for name in "$@"; do
    [[ -n "${!name:-}" ]] || missing+=("variable ${name}")
  done
}

need_inputs() { # path or pattern...
  local path
  for path in "$@"; do
    compgen -G "${path}" >/dev/null || missing+=("input ${path}")
  done
}

need_tools() { # command...
  local tool
  for tool in "$@"; do
    command -v "${tool}" >/dev/null || missing+=("tool ${tool}")
  done
}

check_needs() { # ends the task if anything is missing
  [[ ${#missing[@]} -eq 0 ]] && return
  echo "${0##*/} needs, in ${PWD}:" >&2
  printf '  %s\n' "${missing[@]}" >&2
  exit 2
}

only() { # pattern: the one file that it matches
  local found
  mapfile -t found < <(compgen -G "$1")
  if [[ ${#found[@]} -ne 1 ]]; then
    echo "${0##*/}: ${#found[@]} files match $1, one is expected" >&2
    return 1
  fi
  realpath "${found[0]}"
}
