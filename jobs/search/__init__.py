"""search: the pictures most like one picture, by the cosine of their vectors, from any place that holds them."""
