"""What is written to disk: headers, the marker of a compiled copy, the copy itself, and writing all or nothing."""
