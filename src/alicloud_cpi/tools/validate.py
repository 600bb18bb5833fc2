"""``alicloud-cpi validate FILE.yml``: all that is wrong with a cloud-config or manifest.

Nothing is changed. Without ``--config`` the job's defaults are unknown: what they can give is not
missed. With ``--online`` the cloud is asked, too.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from alicloud_cpi.config import Config, parse_config
from alicloud_cpi.context import CallContext
from alicloud_cpi.errors import CpiError
from alicloud_cpi.tools import stemcell_manifest
from alicloud_cpi.tools.cloud_config import SECTIONS, CloudConfig
from alicloud_cpi.tools.documents import read_document, read_variables
from alicloud_cpi.tools.findings import ERROR, Finding, as_lines, unique
from alicloud_cpi.tools.offline import OfflineChecks
from alicloud_cpi.tools.stemcell_manifest import is_stemcell

if TYPE_CHECKING:
    import argparse

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.redaction import Secrets

# Stands for a job whose configuration is not given.
_ANY_JOB = {"region": "any", "access_key_id": "none", "access_key_secret": "none"}


def run(options: argparse.Namespace, clock: Clock, secrets: Secrets) -> int:
    """Print all findings; returns 1 if one is an error.

    :raises CpiError: a file cannot be read, or ``--online`` has no ``--config``
    """
    if options.online and not options.config:
        raise CpiError("--online needs --config CPI_JSON: the account to ask")
    variables = read_variables(options.var, options.vars_file)
    document = read_document(options.file, variables)
    if is_stemcell(document):
        found = unique(_findings_of_stemcell(options, document, clock, secrets))
    else:
        cloud = CloudConfig(document)
        if not any(section in cloud for section in SECTIONS):
            raise CpiError(f"'{options.file}' has none of {', '.join(SECTIONS)}")
        found = unique(_findings(options, cloud, clock, secrets))
    for line in as_lines(found, json_lines=options.json):
        sys.stdout.write(f"{secrets.redact(line)}\n")
    return int(any(finding.level == ERROR for finding in found))


def _findings(
    options: argparse.Namespace, cloud: CloudConfig, clock: Clock, secrets: Secrets
) -> list[Finding]:
    if not options.config:
        checks = OfflineChecks(cloud, _any_config(), has_job=False)
        return list(checks.run())
    ctx = _context(options, clock, secrets)
    checks = OfflineChecks(cloud, ctx.config, has_job=True)
    found = list(checks.run())
    if options.online:
        from alicloud_cpi.tools.online import OnlineChecks

        try:
            found += OnlineChecks(ctx, cloud, checks, stemcell=options.stemcell).run()
        finally:
            ctx.close()
    return found


def _findings_of_stemcell(
    options: argparse.Namespace, document: dict[str, Any], clock: Clock, secrets: Secrets
) -> list[Finding]:
    found = list(stemcell_manifest.check(document))
    if options.online:
        ctx = _context(options, clock, secrets)
        try:
            found += stemcell_manifest.check_online(ctx, document)
        finally:
            ctx.close()
    return found


def _context(options: argparse.Namespace, clock: Clock, secrets: Secrets) -> CallContext:
    return CallContext(
        api_version=1, context={}, config_path=options.config, clock=clock, secrets=secrets
    )


def _any_config() -> Config:
    return parse_config({"cloud": {"properties": {"alicloud": _ANY_JOB}}}, {})
