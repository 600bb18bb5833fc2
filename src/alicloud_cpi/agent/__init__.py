"""What the agent in a VM is told: its settings, and where a disk appears."""
