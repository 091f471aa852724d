"""What blocks and comments say of order: where it may stand, its words, and what is nearly said."""
