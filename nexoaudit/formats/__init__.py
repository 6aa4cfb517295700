"""File formats: names, sidecars, dumps, archives, binary logs."""
