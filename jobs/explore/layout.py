"""Two numbers for each picture, so that a map shows which are alike.

PCA needs numpy only. A layout by neighbours (t-SNE) shows groups that PCA does not; it needs requirements-map.txt.
"""

import importlib.util

import numpy as np
from numpy.typing import NDArray

PCA, BY_NEIGHBOURS = "pca", "neighbours"
COMPONENTS = 50  # of PCA, for the layout by neighbours: noise is left out, and it takes a tenth of the time
FEWEST = 100  # pictures: below it a layout by neighbours shows nothing that PCA does not
SEED = 0


def lay_out_by_pca(vectors: NDArray[np.float32], components: int = 2) -> NDArray[np.float32]:
    """The (n, components) principal components of (n, d) vectors, the widest first. Their signs are fixed."""
    if not len(vectors):
        return np.zeros((0, components), np.float32)
    centered = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centered.T @ centered)
    axes = axes[:, ::-1][:, :components]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return np.asarray(centered @ (axes * signs), dtype=np.float32)


def can_lay_out_by_neighbours() -> bool:
    """Whether openTSNE is installed."""
    return importlib.util.find_spec("openTSNE") is not None


def lay_out_by_neighbours(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The (n, 2) t-SNE of (n, d) vectors: a minute of one core for 28,709. Raises ModuleNotFoundError."""
    from openTSNE import TSNE

    start = lay_out_by_pca(vectors, min(COMPONENTS, *vectors.shape))
    tsne = TSNE(n_jobs=1, random_state=SEED, perplexity=min(30, (len(vectors) - 1) / 3))
    return np.asarray(tsne.fit(start), dtype=np.float32)
