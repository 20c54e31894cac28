"""upload: copy pictures to Blob Storage, as train/<emotion>/<name>. Equal ones are skipped."""
