"""verify: compare the laptop's table, the target's, the Parquet, and the pictures in Blob Storage and the lake."""
