"""From a JSON request on stdin to a JSON response on stdout."""
