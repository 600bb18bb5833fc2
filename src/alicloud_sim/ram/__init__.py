"""RAM 2015-05-01: roles, policies and what is attached to what.

Policies are kept and checked for their form. They are not evaluated: what an access key may do
is set with the control API (/_sim/keys).
"""

from . import attachments, policies, policy_versions, roles, tag_resources
from .service import ram

__all__ = ["attachments", "policies", "policy_versions", "ram", "roles", "tag_resources"]
