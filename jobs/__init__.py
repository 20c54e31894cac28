"""The jobs: commands that run against a stack on Azure, or against this laptop's services.

Pictures go two ways. `embed` turns them into vectors in the laptop's database, and `migrate` copies that table to the
target's database; `upload` copies the pictures themselves to Blob Storage. `run-pipeline` then copies both to the lake,
`verify` compares all copies, `index` builds an index, and `search` uses it.

    pictures -- embed --> laptop's table -- migrate --> target's table --+
        \\                                                                +-- run-pipeline --> lake --> index --> search
         `-- upload --> Blob Storage ------------------------------------+

Start reading at target.py.
"""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
