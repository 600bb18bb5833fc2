"""From a JSON document on stdin to a JSON document on stdout."""
