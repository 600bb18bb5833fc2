"""How long things take, in seconds by key; one table per pace, changeable while it runs.

Keys are "<kind>.<change>". A key that a table lacks takes no time. "<key>.per_gib" adds to a
key for each GiB of the record. "<kind>.listed" is how long a new record stays out of lists;
"call" is the latency of every call, to which requests of OSS and of the metadata add
"oss.call" and "metadata.call"; "grace" is how long after its due time a change still waits
for somebody to have seen it under way.
"""

from __future__ import annotations

FAST = {
    "grace": 0.2,
    "instance.listed": 0.3,
    "instance.create": 1.0,
    "instance.start": 1.0,
    "instance.stop": 1.0,
    "instance.reboot": 1.0,
    "instance.delete": 0.5,
    "disk.create": 0.5,
    "disk.attach": 0.5,
    "disk.detach": 0.5,
    "disk.resize": 0.2,
    "disk.spec": 1.0,
    "disk.reinit": 0.5,
    "snapshot.create": 1.0,
    "snapshot.delete": 0.2,
    "image.copy": 2.0,
    "image.wait": 0.3,
    "image.import": 3.0,
    "image.create": 2.0,
    "image.delete": 0.3,
    "eip.associate": 0.3,
    "eip.unassociate": 0.3,
    "eni.create": 0.3,
    "eni.attach": 0.3,
    "eni.detach": 0.3,
    "eni.delete": 0.3,
    "eni.release": 0.3,
    "vpc.create": 0.3,
    "vswitch.create": 0.3,
    "slb.change": 0.2,
    "slb.listener": 0.2,
    "nlb.change": 0.5,
    "nlb.lock": 0.1,
    "alb.change": 0.5,
    "alb.lock": 0.1,
    "address.release": 0.5,
}
REALISTIC = {
    "grace": 0.2,
    "call": 0.1,
    "instance.listed": 0.5,
    "instance.create": 7.0,
    "instance.start": 10.0,
    "instance.stop": 8.0,
    "instance.reboot": 15.0,
    "instance.delete": 3.0,
    "disk.create": 2.0,
    "disk.attach": 3.0,
    "disk.detach": 5.0,
    "disk.resize": 3.0,
    "disk.spec": 60.0,
    "disk.spec.per_gib": 1.3,
    "disk.reinit": 10.0,
    "snapshot.create": 15.0,
    "snapshot.delete": 2.0,
    "image.copy": 60.0,
    "image.wait": 5.0,
    "image.import": 120.0,
    "image.create": 60.0,
    "image.delete": 3.0,
    "eip.associate": 3.0,
    "eip.unassociate": 3.0,
    "eni.create": 2.0,
    "eni.attach": 3.0,
    "eni.detach": 3.0,
    "eni.delete": 3.0,
    "eni.release": 3.0,
    "vpc.create": 3.0,
    "vswitch.create": 3.0,
    "slb.change": 1.0,
    "slb.listener": 1.0,
    "nlb.change": 3.0,
    "nlb.lock": 0.5,
    "alb.change": 3.0,
    "alb.lock": 0.5,
    "address.release": 10.0,
}
INSTANT = {**dict.fromkeys(FAST, 0.0), "grace": FAST["grace"]}
KEYS = frozenset((*FAST, *REALISTIC, "oss.call", "metadata.call", "disk.cooling"))
"""Every key that has a meaning."""
TABLES = {"instant": INSTANT, "fast": FAST, "realistic": REALISTIC}


class Pace:
    """The table in force and single keys set apart from it."""

    def __init__(self, name: str) -> None:
        """Start with a table: instant, fast or realistic."""
        self.name = name
        self.own: dict[str, float] = {}
        self.choose(name)

    def choose(self, name: str) -> None:
        """Change the table; keys set on their own stay.

        :raises ValueError: no such table
        """
        if name not in TABLES:
            raise ValueError(f"no pace {name!r}: one of {', '.join(TABLES)}")
        self.name = name

    def set(self, key: str, seconds: float) -> None:
        """Set one key apart from the table."""
        self.own[key] = seconds

    def seconds(self, key: str) -> float:
        """Tell how long a change takes."""
        return self.own.get(key, TABLES[self.name].get(key, 0.0))

    def knows(self, key: str) -> bool:
        """Whether the key means anything in the table or by itself."""
        return key in self.own or key in TABLES[self.name]
