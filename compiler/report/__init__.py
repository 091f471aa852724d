"""Reporters: diagnostics as a machine form, and as what people and other tools read. All are drawn from the form."""
