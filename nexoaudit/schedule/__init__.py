"""Cron expressions, slots and windows in the site's time zone."""
