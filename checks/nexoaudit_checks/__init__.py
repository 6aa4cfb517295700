"""Nagios and Icinga checks: each reads the state file and says one line."""
