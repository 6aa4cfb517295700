"""One complete read of a copy: what it is, and what is wrong with it."""

from nexoaudit.verification.verify import verify

__all__ = ["verify"]
