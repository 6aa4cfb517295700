"""A demonstration site with real backups, and faults to plant in it."""
