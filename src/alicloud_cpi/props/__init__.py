"""cloud_properties: JSON in, checked and typed values out.

Each kind has a schema in ``schemas/``, which is also what the documentation of the properties is
made from, and a module that turns a document that fits into a frozen record with defaults.
"""
