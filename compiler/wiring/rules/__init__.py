"""The order as rules of Coder's own: what they can say, their text, and what they need of the provider."""
