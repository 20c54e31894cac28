"""Winograd's convolutions: ResNet18 in fp32 on the processor, faster than with direct convolutions (README.md)."""
