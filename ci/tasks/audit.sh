#!/usr/bin/env bash
# Asks the public databases whether a locked dependency has a known vulnerability. Only what is
# locked by hash is asked about; nothing is installed but the tool. CPython is not in its
# databases: its name for theirs (CPE) is in src/sbom.cdx.json.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"

need_tools python3
need_inputs bosh-cpi-src/src/requirements.lock bosh-cpi-src/src/build-requirements.lock
check_needs

tool=$(mktemp -d)
trap 'rm -rf "${tool}"' EXIT
python3 -m venv "${tool}"
"${tool}/bin/pip" install --quiet --disable-pip-version-check 'pip-audit>=2.9,<3'
for lock in requirements.lock build-requirements.lock; do
  "${tool}/bin/pip-audit" --progress-spinner off --require-hashes --disable-pip \
    --requirement "bosh-cpi-src/src/${lock}"
done
