"""The launch plan as shell: ``launcher.sh`` and what a wrapped script is made of."""
