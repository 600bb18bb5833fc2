"""One file per CPI method, each with ``run(ctx, ...)``. Shared steps are in ``common``."""
