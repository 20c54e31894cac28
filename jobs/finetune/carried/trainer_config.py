"""The settings of trl's trainer."""

import argparse
from typing import Any

import torch
from checkpoints import KEPT
from trl import SFTConfig


def trainer_config(options: argparse.Namespace, device: str) -> Any:
    """fp32 on processors; on a GPU bf16 where it has it, and activations computed twice to save memory.

    The loss is on the answers: the rows are prompts and completions. Nothing is sent or asked anywhere.
    """
    gpu = device == "cuda"
    return SFTConfig(
        output_dir=options.output,
        learning_rate=options.learning_rate,
        lr_scheduler_type=options.lr_scheduler_type,
        num_train_epochs=options.epochs,
        max_steps=options.max_steps or -1,
        per_device_train_batch_size=options.batch_size,
        max_length=options.max_length,
        seed=options.seed,
        data_seed=options.seed,
        bf16=gpu and torch.cuda.is_bf16_supported(),
        activation_checkpointing=gpu,
        use_cpu=device == "cpu",
        dataloader_pin_memory=gpu,
        weight_decay=0.0,
        logging_steps=1,
        save_strategy="no",
        save_total_limit=KEPT,
        report_to="none",
        disable_tqdm=True,
        completion_only_loss=True,
    )
