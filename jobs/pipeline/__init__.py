"""Data Factory's pipelines: run one in the local runner or on Azure, list runs, start and stop the schedule."""

DEFAULT_PIPELINE, DEFAULT_TRIGGER = "PL_Migrar_Datos_FER", "TR_Diario_FER"  # names in adf/
RETENTION_DAYS = 45  # Data Factory deletes older runs
