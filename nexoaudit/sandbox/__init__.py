"""A throw-away MariaDB server that dies with its parent and leaves nothing."""
