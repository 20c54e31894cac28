"""explore: a map of the collection, its duplicates, and the labels that its neighbours contradict."""
