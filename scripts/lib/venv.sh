# shellcheck shell=sh
# Sourced by the scripts: makes .venv with everything in it, once per change of pyproject.toml.
# Needs Python 3.11 or later with pip; works where the venv module lacks its ensurepip.

find_python() {
  for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  echo "No Python 3.11 or later found: install one, or name it in PYTHON" >&2
  return 1
}

make_venv() { # python, folder
  "$1" -m venv "$2" >/dev/null 2>&1 && return
  rm -rf "$2"
  "$1" -m pip install --quiet --target "$2-tools" virtualenv
  PYTHONPATH="$2-tools" "$1" -m virtualenv --quiet "$2"
  rm -rf "$2-tools"
}

ensure_venv() { # root folder of the repository
  venv=$1/.venv
  stamp=$venv/installed
  wanted=$(cksum <"$1/pyproject.toml")
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
  python=$(find_python)
  [ -x "$venv/bin/python" ] || make_venv "$python" "$venv"
  echo "Installing into .venv ..." >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$1[dev]"
  # Byte code is made now, so that the first call is as fast as the next.
  "$venv/bin/python" -m compileall -q "$1/src" "$venv/lib" >/dev/null 2>&1 || true
  printf '%s' "$wanted" >"$stamp"
}
