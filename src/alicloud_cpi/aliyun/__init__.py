"""The one place that speaks to Alibaba Cloud: signed requests, retries, waits, credentials.

``client`` sends an SDK request object and returns its parsed response. Services use ``client``,
``pagination`` and ``waiter``; nothing else knows HTTP or signatures.
"""
