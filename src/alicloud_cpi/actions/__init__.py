"""One file per CPI method, each with ``run(call, ...)``; they never import each other."""
