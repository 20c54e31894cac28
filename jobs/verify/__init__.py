"""verify: hold the laptop's table, the target's, the Parquet and the pictures in Blob and lake against each other."""
