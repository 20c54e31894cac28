"""The laptop's services: two embedded PostgreSQL servers (`laptop` and `cloud`) and Azurite, under `.local/`."""
