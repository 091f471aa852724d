"""The language server: a template's analysis, told to an editor while its files are being written."""
