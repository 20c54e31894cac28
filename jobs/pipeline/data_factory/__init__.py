"""Run a pipeline in Data Factory itself and wait for it: the same result as that of the local runner, jobs/factory."""
