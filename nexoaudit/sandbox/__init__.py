"""What works on untrusted input: a throw-away MariaDB server, gpg, and private directories."""
