"""Passages: about 900 characters, whole blocks where they fit, never across headings or pages."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from jobs.documents.blocks import Block
from jobs.documents.passages import MOST_CHARACTERS, Passage, cut_passages, cut_text, split_sentences

TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=3000).map(str.strip).filter(bool)
BLOCKS = st.lists(st.builds(Block, TEXTS, st.sampled_from(["", "A", "B"]), st.sampled_from([None, 1, 2])), max_size=6)


@given(BLOCKS)
def test_no_character_is_lost_and_no_passage_crosses_a_heading(blocks: list[Block]) -> None:
    passages = cut_passages(blocks)
    assert all(0 < len(each.text) <= MOST_CHARACTERS for each in passages)
    for place in {(each.heading, each.page) for each in blocks}:
        whole = "".join(each.text for each in blocks if (each.heading, each.page) == place)
        kept = "".join(each.text for each in passages if (each.heading, each.page) == place)
        assert "".join(kept.split()) == "".join(whole.split())


def test_blocks_share_a_passage_and_a_long_one_ends_at_a_sentence() -> None:
    assert cut_passages([Block("a", "H"), Block("b", "H"), Block("c", "I")]) == [
        Passage("a\n\nb", "H", None),
        Passage("c", "I", None),
    ]
    sentences = ("This sentence has thirty letters. " * 40).strip()
    first = cut_passages([Block(sentences)])[0].text
    assert first.endswith(".") and len(first) > MOST_CHARACTERS - 40


def test_a_paragraph_of_megabytes_is_not_copied_for_each_passage() -> None:
    """The memory of its parts stays a small part of the text: a copy for each would be its square."""
    text = "Lorem ipsum dolor sit amet. " * 80_000
    parts = cut_text(text.strip())
    tracemalloc.start()
    first = [next(parts) for _ in range(100)]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < len(text) / 2 and all(part.endswith(".") for part in first)


def test_a_line_that_was_broken_at_a_width_is_one_sentence_and_a_table_row_is_one() -> None:
    text = "It stops the\nserver. ¿Y luego? It costs 0.5 USD.\n| a | b |\n- item"
    assert split_sentences(text) == ["It stops the server.", "¿Y luego?", "It costs 0.5 USD.", "| a | b |", "- item"]
