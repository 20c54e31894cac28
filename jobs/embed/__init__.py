"""embed: from a folder of pictures to 512-d ResNet18 vectors in a database."""
