"""Every tool over the vector lake. Each only reads; none takes a path, SQL, a URL or a shell command."""

from jobs.tools import cost_so_far, count_by_emotion, describe_pipeline_run, search_documents, search_pictures

TOOLS = (
    count_by_emotion.TOOL,
    search_pictures.TOOL,
    search_documents.TOOL,
    describe_pipeline_run.TOOL,
    cost_so_far.TOOL,
)
