"""Elastic network interfaces: their record, and one module per group of actions.

Nothing is imported here, so that modules of other resources can import the record alone;
the package ecs imports the modules that register actions.
"""
