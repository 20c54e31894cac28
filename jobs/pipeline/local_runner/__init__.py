"""Run a pipeline of `adf/` as Data Factory would, with the laptop's services."""
