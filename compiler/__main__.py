"""``python -m compiler`` is the same program as the console command ``unitc``."""

from compiler.start import main

if __name__ == "__main__":
    main()
