"""Tags of ECS resources: the newer actions, the older ones, and what both check."""
