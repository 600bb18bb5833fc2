"""Commands for operators: ``validate``, ``doctor`` and ``trace``.

They answer in text for people, or in JSON, and with an exit status; no call of the CPI loads them.
"""
