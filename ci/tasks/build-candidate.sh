#!/usr/bin/env bash
# Makes a candidate from the commit in bosh-cpi-src: source release, compiled release, bill of
# materials and their SHA-256; and one tarball with all of it, to upload.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/task.sh"

need_tools bosh git python3 ruby cc make sha256sum
need_inputs bosh-cpi-src/scripts/create-release blobs version-semver/number
need_variables COMPILED_FOR
check_needs

version=$(<version-semver/number)
name="bosh-alicloud-cpi-${version}"
made="${PWD}/bosh-cpi-dev-artifacts"
mkdir -p "${made}" candidate-bundle
work=$(mktemp -d)
trap 'rm -rf "${work}"' EXIT

# A clone has committed files only, and create-release changes nothing in the input.
git clone --quiet --no-hardlinks "file://${PWD}/bosh-cpi-src" "${work}/src"
"${work}/src/scripts/fetch-blobs" --from "${PWD}/blobs"
"${work}/src/scripts/sbom" --check
"${work}/src/scripts/create-release" --version "${version}" --tarball "${made}/${name}.tgz"

compiled="${name}-${COMPILED_FOR//\//-}-$(uname -m).tgz"
"${work}/src/scripts/compile-release" "${made}/${name}.tgz" "${work}/${compiled}" \
  --stemcell "${COMPILED_FOR}"
mv "${work}/${compiled}" "${made}/compiled-${compiled}"
"${work}/src/scripts/sbom" --version "${version}" --output "${made}/${name}.cdx.json"

(cd "${made}" && sha256sum -- *.tgz *.json | tee SHA256SUMS)
tar -cf "candidate-bundle/${name}.tar" -C "${made}" .
