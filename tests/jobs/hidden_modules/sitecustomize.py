"""Hide the modules that HIDDEN_MODULES names, as if their packages were not installed."""

import os
import sys

HIDDEN = tuple(os.environ["HIDDEN_MODULES"].split())


class Filter:
    """A finder that does not find them, in front of each finder of Python's."""

    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if any(f"{name}.".startswith(f"{hidden}.") for hidden in HIDDEN):
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)


sys.meta_path[:] = [Filter(finder) for finder in sys.meta_path]
