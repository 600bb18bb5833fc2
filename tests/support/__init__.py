"""Running one call of the CPI against the simulator, in this process or as one of its own."""
