"""embed: a folder of pictures -> 512-d ResNet18 vectors in a database, the laptop's or another."""
