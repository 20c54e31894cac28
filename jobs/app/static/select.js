// The outline of a selection on the map: a lasso, or a rectangle between two corners. In the map's coordinates.

const SIDE = 65535;
const MOST_CORNERS = 200;

export class Outline {
  constructor(canvas, view) {
    this.canvas = canvas;
    this.view = view;
    this.kept = []; // the selection that is shown
    this.clear();
  }

  clear() {
    this.corners = [];
    this.first = null;
  }

  keep(numbers) {
    for (let each = 0; each < numbers.length; each += 2) this.kept.push([numbers[each], numbers[each + 1]]);
  }

  begin(x, y) {
    this.corners = [[x, y]];
  }

  extend(x, y) {
    this.corners.push([x, y]);
  }

  isOpen() {
    return this.first !== null;
  }

  // Whether that was the second corner: the rectangle is complete then.
  addCorner(x, y) {
    if (!this.first) {
      this.first = [x, y];
      return false;
    }
    this.stretch(x, y);
    return true;
  }

  stretch(x, y) {
    // one unit around: the points at the corners are inside
    const [left, right] = [Math.min(this.first[0], x) - 1, Math.max(this.first[0], x) + 1];
    const [top, bottom] = [Math.min(this.first[1], y) - 1, Math.max(this.first[1], y) + 1];
    this.corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
  }

  // The corners as whole numbers, at most MOST_CORNERS of them; null if they enclose nothing.
  take() {
    const every = Math.ceil(this.corners.length / MOST_CORNERS);
    const corners = this.corners.filter((_, number) => number % every === 0);
    this.clear();
    if (corners.length < 3) return null;
    return corners.flat().map((each) => Math.max(0, Math.min(SIDE, Math.round(each))));
  }

  draw() {
    const corners = this.corners.length ? this.corners : this.kept;
    if (!corners.length) return;
    const context = this.canvas.getContext("2d");
    context.beginPath();
    for (const corner of corners) context.lineTo(...this.view.toPixel(...corner));
    context.closePath();
    context.strokeStyle = getComputedStyle(this.canvas).color;
    context.lineWidth = 2;
    context.setLineDash([6, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  mark([right, down]) {
    const context = this.canvas.getContext("2d");
    context.strokeStyle = getComputedStyle(this.canvas).color;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(right, down, 9, 0, 2 * Math.PI);
    context.stroke();
  }
}
