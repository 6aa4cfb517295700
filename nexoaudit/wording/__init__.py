"""The only place where reason codes become sentences."""
