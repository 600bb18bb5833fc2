"""BOSH CPI for Alibaba Cloud: one JSON request in, one JSON answer out.

Who imports whom, top to bottom: ``__main__`` > ``rpc`` > ``actions`` > ``call`` >
``cloud | props | agent`` > ``config`` > ``errors | log | units``. Every CPI method is one file
in ``actions``.
"""

__version__ = "0.1.0"
