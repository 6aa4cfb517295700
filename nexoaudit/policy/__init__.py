"""What the site expects of its backups: the configuration file as values."""
