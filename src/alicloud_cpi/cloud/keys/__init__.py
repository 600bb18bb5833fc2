"""The keys that sign requests: given ones, or those of the instance's or an assumed RAM role."""
