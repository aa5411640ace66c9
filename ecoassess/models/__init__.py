"""Shared science: stateful models and published schemes."""
