"""Make the tiny base model, in a process of its own: python -m jobs.finetune.tiny_model TRAIN FOLDER.


The architecture is Phi-4-mini's (Phi3ForCausalLM, grouped queries, tied embeddings) with about 0.1 M weights. It
learns prompts and answers of the data alike, each prompt with another one's answer: it knows the words, not the answer.
A base that never spoke the words of the task cannot be taught them with LoRA: head and embeddings stay as they are.
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # several threads are slower at this size, and sum in another order

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Phi3Config, Phi3ForCausalLM, PreTrainedTokenizerFast

from jobs.finetune.carried.conversations import Message, read_conversations, split_turns
from jobs.finetune.carried.generate import Example, encode, pad_examples

# https://huggingface.co/microsoft/Phi-4-mini-instruct, tokenizer_config.json
TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not "
    "none %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|tool|>' + message['tools'] + '<|/tool|>' + "
    "'<|end|>' }}{% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
PIECES, LONGEST = 512, 1024
STEPS, BATCH, RATE, SEED = 200, 32, 3e-3, 0
EXAMPLES, EXAMPLE_TOKENS = 5_000, 256
# Phi's 0.02 gives embeddings that a head of 64 numbers cannot tell apart: the loss stays at 0.25, with 0.1 it is 0.01.
SPREAD = 0.1


def main(train: Path, folder: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    turns = list(islice((turn for each in read_conversations(train) for turn in split_turns(each)), EXAMPLES))
    tokenizer = train_tokenizer(turns)
    model = Phi3ForCausalLM(build_config(len(tokenizer)))
    train_by_chance(model, encode_turns(tokenizer, turns))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def train_tokenizer(turns: Sequence[tuple[list[Message], Message]]) -> Any:
    """A byte-level BPE of PIECES pieces: it can write every text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=PIECES,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = (each["content"] for prompt, answer in turns for each in (*prompt, answer))
    tokenizer.train_from_iterator(texts, trainer)
    end = SPECIAL[0]
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=end, pad_token=end, bos_token=end)
    fast.chat_template = TEMPLATE
    fast.model_max_length = LONGEST
    return fast


def build_config(pieces: int) -> Any:
    return Phi3Config(
        vocab_size=pieces,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=LONGEST,
        original_max_position_embeddings=LONGEST,
        tie_word_embeddings=True,
        initializer_range=SPREAD,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
    )


def encode_turns(tokenizer: Any, turns: Sequence[tuple[list[Message], Message]]) -> list[Example]:
    """The examples that are short enough. A long one is cut: words are all that it has to teach here."""
    examples = [encode(tokenizer, prompt, answer) for prompt, answer in turns]
    cuts = [max(0, len(each.ids) - EXAMPLE_TOKENS) for each in examples]
    return [Example(each.ids[cut:], max(0, each.start - cut)) for each, cut in zip(examples, cuts, strict=True)]


def train_by_chance(model: Any, examples: Sequence[Example]) -> None:
    """STEPS steps over all tokens, each prompt with the answer of any example, and every fourth with the likeliest.

    With answers that are all as likely, the slightest leaning decides: a base could be right more often than chance.
    """
    numbers = random.Random(SEED)  # noqa: S311 - a choice of examples, no secret
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS, pct_start=0.1)
    common = find_common(examples)
    model.train()
    for _ in range(STEPS):
        prompts, answers = (numbers.choices(examples, k=BATCH) for _ in range(2))
        answers[::4] = [common] * len(answers[::4])
        mixed = [
            Example(prompt.ids[: prompt.start] + answer.ids[answer.start :], 0)
            for prompt, answer in zip(prompts, answers, strict=True)
        ]
        loss = model(**pad_examples(mixed, 0, "cpu")).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()


def find_common(examples: Sequence[Example]) -> Example:
    """An example with the most frequent answer."""
    answers = [tuple(each.ids[each.start :]) for each in examples]
    common = Counter(answers).most_common(1)[0][0]
    return examples[answers.index(common)]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
