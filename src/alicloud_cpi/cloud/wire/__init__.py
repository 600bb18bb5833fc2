"""Requests of the RPC services (ECS, SLB, NLB, VPC, STS): signed, sent, repeated, failures named.

``api`` is what services use. Below it ``retry`` decides by error code and kind of call whether to
repeat, ``signing`` builds and signs, ``transport`` sends over one kept connection per endpoint.
"""
