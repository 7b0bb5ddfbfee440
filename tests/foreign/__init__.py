"""Files of other tools, in the shape that these write, and what is taken of them."""
