"""STS: temporary keys of a role, and who one is.

Settings of the world: "sts.denied" {"<role>": ["ecs:Delete*", ...]} is what the keys of a
role may not do; the quota "sts.max_session_seconds" (3600) is the longest session of a role.
"""

from . import actions
from .keys import arn_of, issue, role_id
from .service import sts

__all__ = ["actions", "arn_of", "issue", "role_id", "sts"]
