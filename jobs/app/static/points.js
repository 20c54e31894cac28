// The points of the map: read once as bytes, drawn into an ImageData.

const GREY = 7;
const SIDE = 65535;
const FEW = 3000; // fewer points than that are drawn larger
// One shape for each of the seven colours, as rows of bits: nothing is said by colour alone.
const SHAPES = [
  [0b01110, 0b11111, 0b11111, 0b11111, 0b01110],
  [0b11111, 0b11111, 0b11111, 0b11111, 0b11111],
  [0b00100, 0b00100, 0b01110, 0b01110, 0b11111],
  [0b00100, 0b01110, 0b11111, 0b01110, 0b00100],
  [0b00100, 0b00100, 0b11111, 0b00100, 0b00100],
  [0b11111, 0b01110, 0b01110, 0b00100, 0b00100],
  [0b10101, 0b01110, 0b11111, 0b01110, 0b10101],
  [0b01110, 0b10001, 0b10001, 0b10001, 0b01110],
];

export async function loadPoints(query) {
  const answer = await fetch(`/points?${query}`);
  if (!answer.ok) throw new Error(answer.statusText);
  const bytes = await answer.arrayBuffer();
  const count = bytes.byteLength / 14;
  return {
    count,
    ids: new Float64Array(bytes, 0, count),
    x: new Uint16Array(bytes, 8 * count, count),
    y: new Uint16Array(bytes, 10 * count, count),
    shapes: new Uint8Array(bytes, 12 * count, count),
    chosen: new Uint8Array(bytes, 13 * count, count),
  };
}

// From the map's coordinates to pixels and back, with what the user has moved and zoomed. The map fills the canvas.
export class View {
  constructor(canvas) {
    this.canvas = canvas;
    this.reset();
  }

  reset() {
    this.zoom = 1;
    this.left = this.top = 0; // in widths and heights of the canvas
  }

  toPixel(x, y) {
    const { width, height } = this.canvas;
    return [((x * this.zoom) / SIDE - this.left) * width, ((y * this.zoom) / SIDE - this.top) * height];
  }

  toMap(right, down) {
    const { width, height } = this.canvas;
    return [((right / width + this.left) * SIDE) / this.zoom, ((down / height + this.top) * SIDE) / this.zoom];
  }

  move(right, down) {
    this.left -= right / this.canvas.width;
    this.top -= down / this.canvas.height;
  }

  zoomAt(factor, right, down) {
    const [x, y] = this.toMap(right, down);
    this.zoom = Math.max(0.5, Math.min(60, this.zoom * factor));
    const [newRight, newDown] = this.toPixel(x, y);
    this.move(right - newRight, down - newDown);
  }
}

function readColours(element) {
  const styles = getComputedStyle(element);
  const probe = document.createElement("canvas").getContext("2d");
  return [...SHAPES.keys()].map((number) => {
    probe.fillStyle = styles.getPropertyValue(`--e${number}`).trim();
    const value = parseInt(probe.fillStyle.slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  });
}

export class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.recolour();
  }

  recolour() {
    // bytes of ImageData are red, green, blue, alpha: little endian in one number
    this.colours = readColours(this.canvas).map(([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red);
  }

  draw(points, view) {
    const { width, height } = this.canvas;
    if (!width || !height) return; // not laid out, or not any more
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    this.pixels.fill(0);
    for (const wanted of [0, 1]) this.drawSome(points, view, wanted); // what is chosen lies above the grey
    this.context.putImageData(this.image, 0, 0);
  }

  // Where the pixels of each shape are, counted from the pixel of its point.
  offsetsOf(size) {
    const { width } = this.canvas;
    return SHAPES.map((rows) => {
      const offsets = [];
      for (let row = 0; row < 5 * size; row++)
        for (let column = 0; column < 5 * size; column++)
          if ((rows[(row / size) | 0] >> (4 - ((column / size) | 0))) & 1)
            offsets.push((row - 2 * size) * width + column - 2 * size);
      return Int32Array.from(offsets);
    });
  }

  drawSome(points, view, wanted) {
    const { width, height } = this.canvas;
    const { colours, pixels } = this;
    const { x, y, shapes, chosen, count } = points;
    const faded = (colours[GREY] & 0xffffff) | (90 << 24);
    const size = count < FEW ? 2 : 1; // pixels of one bit of a shape
    const edge = 3 * size;
    const offsets = this.offsetsOf(size);
    const [across, along] = [(view.zoom / SIDE) * width, (view.zoom / SIDE) * height];
    const [left, top] = [view.left * width, view.top * height];
    for (let number = 0; number < count; number++) {
      if (chosen[number] !== wanted) continue;
      const right = (x[number] * across - left) | 0;
      const down = (y[number] * along - top) | 0;
      if (right < edge || down < edge || right >= width - edge || down >= height - edge) continue;
      const shape = offsets[shapes[number]];
      const colour = wanted ? colours[shapes[number]] : faded;
      const start = down * width + right;
      for (let each = 0; each < shape.length; each++) pixels[start + shape[each]] = colour;
    }
  }
}

// The point nearest to a pixel, at most `within` pixels away; -1 if there is none.
export function nearestPoint(points, view, right, down, within) {
  let best = -1;
  let least = within * within;
  for (let number = 0; number < points.count; number++) {
    const [x, y] = view.toPixel(points.x[number], points.y[number]);
    const far = (x - right) ** 2 + (y - down) ** 2;
    if (far < least) [least, best] = [far, number];
  }
  return best;
}

// The next point from one in a direction, such as [1, 0]: near, and rather ahead than aside. -1 if there is none.
export function nextPoint(points, from, [right, down]) {
  let best = -1;
  let least = Infinity;
  for (let number = 0; number < points.count; number++) {
    const x = points.x[number] - points.x[from];
    const y = points.y[number] - points.y[from];
    const ahead = x * right + y * down;
    if (ahead <= 0) continue;
    const cost = ahead + 2 * Math.abs(x * down - y * right);
    if (cost < least) [least, best] = [cost, number];
  }
  return best;
}
