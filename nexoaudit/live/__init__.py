"""The live system that is backed up, looked at and never touched: its facts, not its backups."""
