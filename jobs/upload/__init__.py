"""upload: copy pictures to Blob Storage. Those that are there already and equal are skipped."""
