#!/usr/bin/env bash
# Makes the candidate a final release: finalizes it, dates the change log and commits. The files to
# publish go to final-release; the pipeline tags, pushes and publishes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"

need_tools bosh git python3 sha256sum
need_inputs bosh-cpi-src/.git 'bosh-cpi-dev-artifacts/bosh-alicloud-cpi-*.tgz' \
  release-version-semver/number
need_variables BLOBSTORE_SECRETS COMMIT_NAME COMMIT_EMAIL
check_needs

version=$(<release-version-semver/number)
candidate=$(only 'bosh-cpi-dev-artifacts/bosh-alicloud-cpi-*.tgz')
mkdir -p final-release
final="${PWD}/final-release"
git clone --quiet bosh-cpi-src promoted

python3 bosh-cpi-src/ci/lib/changelog.py promoted/CHANGELOG.md "${version}" >"${final}/notes.md"
(umask 077 && printf '%s\n' "${BLOBSTORE_SECRETS}" >promoted/config/private.yml)
trap 'rm -f promoted/config/private.yml' EXIT
bosh --non-interactive finalize-release "${candidate}" --dir promoted --version "${version}" --force
bosh --non-interactive create-release --dir promoted --tarball \
  "${final}/bosh-alicloud-cpi-${version}.tgz" \
  "releases/bosh-alicloud-cpi/bosh-alicloud-cpi-${version}.yml"
bosh-cpi-src/scripts/sbom --version "${version}" \
  --output "${final}/bosh-alicloud-cpi-${version}.cdx.json"
rm promoted/config/private.yml

(cd "${final}" && sha256sum -- *.tgz *.json | tee SHA256SUMS)
printf 'v%s\n' "${version}" >"${final}/tag"

git -C promoted add --all
git -C promoted -c "user.name=${COMMIT_NAME}" -c "user.email=${COMMIT_EMAIL}" \
  commit --quiet --message "Release ${version}"
