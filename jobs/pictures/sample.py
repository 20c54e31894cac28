"""sample: draw faces like those of FER2013, to try everything without the data set.

The files are 48 x 48 grey JPEGs, train/<emotion>/<name>.jpg, with the seven emotions in FER2013's proportions. The same
seed draws the same faces.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SIZE, SCALE = 48, 4  # pixels; drawn at four times the size, for soft lines
# Pictures in FER2013's training set: https://www.kaggle.com/datasets/msambare/fer2013
FER2013 = {"angry": 3995, "disgust": 436, "fear": 4097, "happy": 7215, "neutral": 4965, "sad": 4830, "surprise": 3171}


@dataclass(frozen=True)
class Features:
    """An emotion's features, each from -1 to 1: mouth corners up, mouth open, inner brows down, eyes open."""

    smile: float
    mouth: float
    frown: float
    eyes: float


FEATURES = {
    "angry": Features(-0.5, -0.2, 1.0, -0.2),
    "disgust": Features(-0.8, 0.2, 0.6, -0.8),
    "fear": Features(-0.4, 0.5, -0.8, 0.8),
    "happy": Features(1.0, 0.3, -0.1, -0.1),
    "neutral": Features(0.0, -0.8, 0.0, 0.0),
    "sad": Features(-0.9, -0.7, -0.9, -0.4),
    "surprise": Features(0.0, 1.0, -0.4, 1.0),
}


@dataclass(frozen=True)
class SampleResult:
    images: int
    folder: str
    emotions: dict[str, int]

    def summary(self) -> str:
        shares = ", ".join(f"{count} {emotion}" for emotion, count in self.emotions.items())
        return f"{self.images} faces drawn below {self.folder}: {shares}"


def draw_sample(directory: Path, count: int, seed: int) -> SampleResult:
    """Draw `count` faces below `directory`. Files of the same names are replaced, others stay."""
    shares = split_by_emotion(count)
    for emotion, share in shares.items():
        folder = directory / "train" / emotion
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(share):
            draw_face(emotion, f"{seed} {emotion} {number}").save(folder / f"face_{number:05}.jpg", quality=90)
    return SampleResult(count, str(directory), shares)


def split_by_emotion(count: int) -> dict[str, int]:
    """Split a count among the emotions in FER2013's proportions, by the largest remainder method."""
    total = sum(FER2013.values())
    exact = {emotion: count * size / total for emotion, size in FER2013.items()}
    shares = {emotion: int(share) for emotion, share in exact.items()}
    by_remainder = sorted(exact, key=lambda emotion: shares[emotion] - exact[emotion])
    for emotion in by_remainder[: count - sum(shares.values())]:
        shares[emotion] += 1
    return shares


def draw_face(emotion: str, seed: str) -> Image.Image:
    """Draw one 48 x 48 grey face. Each seed gives a different person and light."""
    rng = random.Random(seed)  # noqa: S311 - it must be repeatable, not secret
    features = Features(*(value + rng.gauss(0, 0.15) for value in vars(FEATURES[emotion]).values()))
    background, skin = rng.randint(20, 110), rng.randint(130, 225)
    image = Image.new("L", (SIZE * SCALE, SIZE * SCALE), background)
    draw = ImageDraw.Draw(image)
    middle, width = 96 + rng.gauss(0, 4), 62 + rng.gauss(0, 6)
    ink = rng.randint(15, 60)
    draw.ellipse((middle - width - 4, 2, middle + width + 4, 150), fill=ink)  # hair
    draw.ellipse((middle - width, 18, middle + width, 188), fill=skin)
    draw.line((middle, 92, middle - 7, 122, middle + 6, 124), fill=skin - 45, width=4)  # nose
    for side in (-1, 1):
        draw_eye(draw, (middle + side * 27 + rng.gauss(0, 1.5), 82 + rng.gauss(0, 2)), side, features, ink)
    draw_mouth(draw, (middle, 148 + rng.gauss(0, 3)), features, ink)
    return soften(image, rng)


def draw_eye(draw: ImageDraw.ImageDraw, center: tuple[float, float], side: int, features: Features, ink: int) -> None:
    x, y = center
    open_by = 8 + 5 * features.eyes
    draw.ellipse((x - 13, y - open_by, x + 13, y + open_by), fill=245, outline=ink, width=2)
    draw.ellipse((x - 5, y - min(6, open_by), x + 5, y + min(6, open_by)), fill=ink)
    brow = y - 20 - 5 * features.eyes
    inner, outer = brow + 8 * features.frown, brow - 4 * features.frown
    draw.line((x - side * 14, inner, x + side * 16, outer), fill=ink, width=6)


def draw_mouth(draw: ImageDraw.ImageDraw, center: tuple[float, float], features: Features, ink: int) -> None:
    x, y = center
    half, bend, gap = 30 - 8 * max(features.mouth, 0), 14 * features.smile, 3 + 11 * max(features.mouth, 0)
    steps = [step / 8 - 1 for step in range(17)]
    upper = [(x + half * t, y - bend * t * t + bend / 2 - gap * (1 - t * t)) for t in steps]
    lower = [(x + half * t, y - bend * t * t + bend / 2 + gap * (1 - t * t)) for t in reversed(steps)]
    draw.polygon([*upper, *lower], fill=ink)


def soften(image: Image.Image, rng: random.Random) -> Image.Image:
    """Rotate the image a little, scale it down, blur it, and add noise."""
    rotated = image.rotate(rng.gauss(0, 5), resample=Image.Resampling.BILINEAR, fillcolor=image.getpixel((0, 0)))
    small = rotated.resize((SIZE, SIZE), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.4))
    noise = bytes(min(255, max(0, round(128 + rng.gauss(0, 9)))) for _ in range(SIZE * SIZE))
    grain = Image.frombytes("L", (SIZE, SIZE), noise)
    return Image.blend(small, grain, 0.15)
