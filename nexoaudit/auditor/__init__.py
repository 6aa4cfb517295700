"""The only place where observing and judging meet: due -> observe -> append -> publish."""
