"""Fine-tuning on Azure ML, by azure-ai-ml and Resource Manager: the runner of a stack, and what it uses."""
