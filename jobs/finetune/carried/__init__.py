"""What travels: the same files train and answer on this laptop and on Azure ML. Nothing in them imports `jobs`.

Each file is run in its own folder (`python train.py`), and imports its neighbours by their plain names.
"""
