"""What the machine can do at most: the smallest programs that do the same work, without anything a product adds."""
