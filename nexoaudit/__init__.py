"""nexoaudit audits backups: it observes, records and judges, and never makes or changes one."""

__version__ = "0.1.0"
