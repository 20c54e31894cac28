"""sample: draw faces like those of FER2013, so that everything can be tried without the data set.

48 x 48 grey JPEG files as train/<emotion>/<name>.jpg, the seven emotions in FER2013's proportions; the same seed
draws the same faces.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SIZE, SCALE = 48, 4  # drawn at four times the size, so that lines come out soft
# Pictures in FER2013's training set: https://www.kaggle.com/datasets/msambare/fer2013
FER2013 = {"angry": 3995, "disgust": 436, "fear": 4097, "happy": 7215, "neutral": 4965, "sad": 4830, "surprise": 3171}


@dataclass(frozen=True)
class Features:
    """An emotion's features, each from -1 to 1: corners of the mouth up, mouth open, brows down inside, eyes open."""

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
    """Draw `count` faces below `directory`; files of the same names are drawn over, others stay."""
    shares = split_by_emotion(count)
    for emotion, share in shares.items():
        folder = directory / "train" / emotion
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(share):
            draw_face(emotion, f"{seed} {emotion} {number}").save(folder / f"face_{number:05}.jpg", quality=90)
    return SampleResult(count, str(directory), shares)


def split_by_emotion(count: int) -> dict[str, int]:
    """Split a count among the emotions as FER2013 does, what is left over to the largest remainders."""
    total = sum(FER2013.values())
    exact = {emotion: count * size / total for emotion, size in FER2013.items()}
    shares = {emotion: int(share) for emotion, share in exact.items()}
    by_remainder = sorted(exact, key=lambda emotion: shares[emotion] - exact[emotion])
    for emotion in by_remainder[: count - sum(shares.values())]:
        shares[emotion] += 1
    return shares


def draw_face(emotion: str, seed: str) -> Image.Image:
    """One 48 x 48 grey face; every seed another person in another light."""
    chance = random.Random(seed)  # noqa: S311 - a seed that can be repeated is the point
    look = Features(*(value + chance.gauss(0, 0.15) for value in vars(FEATURES[emotion]).values()))
    backdrop, skin = chance.randint(20, 110), chance.randint(130, 225)
    image = Image.new("L", (SIZE * SCALE, SIZE * SCALE), backdrop)
    draw = ImageDraw.Draw(image)
    middle, width = 96 + chance.gauss(0, 4), 62 + chance.gauss(0, 6)
    ink = chance.randint(15, 60)
    draw.ellipse((middle - width - 4, 2, middle + width + 4, 150), fill=ink)  # hair
    draw.ellipse((middle - width, 18, middle + width, 188), fill=skin)
    draw.line((middle, 92, middle - 7, 122, middle + 6, 124), fill=skin - 45, width=4)  # nose
    for side in (-1, 1):
        draw_eye(draw, (middle + side * 27 + chance.gauss(0, 1.5), 82 + chance.gauss(0, 2)), side, look, ink)
    draw_mouth(draw, (middle, 148 + chance.gauss(0, 3)), look, ink)
    return soften(image, chance)


def draw_eye(draw: ImageDraw.ImageDraw, at: tuple[float, float], side: int, look: Features, ink: int) -> None:
    x, y = at
    open_by = 8 + 5 * look.eyes
    draw.ellipse((x - 13, y - open_by, x + 13, y + open_by), fill=245, outline=ink, width=2)
    draw.ellipse((x - 5, y - min(6, open_by), x + 5, y + min(6, open_by)), fill=ink)
    brow = y - 20 - 5 * look.eyes
    inner, outer = brow + 8 * look.frown, brow - 4 * look.frown
    draw.line((x - side * 14, inner, x + side * 16, outer), fill=ink, width=6)


def draw_mouth(draw: ImageDraw.ImageDraw, at: tuple[float, float], look: Features, ink: int) -> None:
    x, y = at
    half, bend, gap = 30 - 8 * max(look.mouth, 0), 14 * look.smile, 3 + 11 * max(look.mouth, 0)
    steps = [step / 8 - 1 for step in range(17)]
    upper = [(x + half * t, y - bend * t * t + bend / 2 - gap * (1 - t * t)) for t in steps]
    lower = [(x + half * t, y - bend * t * t + bend / 2 + gap * (1 - t * t)) for t in reversed(steps)]
    draw.polygon([*upper, *lower], fill=ink)


def soften(image: Image.Image, chance: random.Random) -> Image.Image:
    """Turn it a little, make it small and soft, and lay noise over it."""
    turned = image.rotate(chance.gauss(0, 5), resample=Image.Resampling.BILINEAR, fillcolor=image.getpixel((0, 0)))
    small = turned.resize((SIZE, SIZE), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.4))
    noise = bytes(min(255, max(0, round(128 + chance.gauss(0, 9)))) for _ in range(SIZE * SIZE))
    grain = Image.frombytes("L", (SIZE, SIZE), noise)
    return Image.blend(small, grain, 0.15)
