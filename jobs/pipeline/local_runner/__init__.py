"""Run a pipeline of `adf/` here as Data Factory would: the same files, the laptop's services."""
