"""app: a small web application on this machine, to search, explore and operate the vector lake."""
