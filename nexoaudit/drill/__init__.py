"""Real test restores in the sandbox."""
