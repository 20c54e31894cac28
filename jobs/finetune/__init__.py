"""finetune: train a small language model on conversations, register it, serve it and chat with it."""
