"""Needletail as independent clients see it: one suite of behaviour, many ways in. See run.py."""
