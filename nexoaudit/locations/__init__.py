"""Where copies live: one file per transport."""
