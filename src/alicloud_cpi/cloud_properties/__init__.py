"""cloud_properties: JSON in, checked and typed values out.

Each kind has a schema in ``schemas/``, from which the documentation of the properties is written,
and a module that turns a valid document into a frozen dataclass with the defaults filled in.
"""
