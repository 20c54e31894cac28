"""The commands, a file a subject. What a job does stands in the module of its name."""
