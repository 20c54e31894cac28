"""Data Factory pipelines: run one on the laptop or on Azure, list runs, control the trigger."""
