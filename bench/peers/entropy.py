"""The floor of S1: nothing but reading each JPEG and decoding it to grey at 1/8 with libjpeg-turbo (through Pillow).

At 1/8 only the mean of each block is computed, so that what is left is entropy decoding, which every program that
wants the pixels has to do.
"""

import sys
from pathlib import Path

from PIL import Image

for path in sorted(Path(sys.argv[1]).glob("*.jpg")):
    with Image.open(path) as image:
        image.draft("L", (image.width // 8, image.height // 8))
        image.load()
