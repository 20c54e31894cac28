"""Run a pipeline in Data Factory itself, through Azure's client."""
