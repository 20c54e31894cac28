"""The verbs: what runs against a stack, or against the laptop.

pictures -> embed -> migrate -> upload -> run_pipeline -> verify -> index -> search. Start reading at target.py.
"""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
