"""The one-pass verification of a copy."""
