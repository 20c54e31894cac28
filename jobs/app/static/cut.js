// Cuts a square out of a picture: moved and sized by pointer, arrow keys, plus and minus, or a slider.

const STEP = 0.02; // of the shorter side
const SMALLEST = 16; // pixels
const SEEN = 48; // pixels of FER2013's pictures

export class Cutter {
  constructor(words) {
    this.words = words;
    this.element = document.createElement("div");
    this.element.className = "cutter";
    this.element.hidden = true;
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", words.cut_keys);
    this.seen = document.createElement("canvas");
    this.seen.width = this.seen.height = SEEN;
    this.seen.setAttribute("role", "img");
    this.seen.setAttribute("aria-label", words.sees);
    this.slider = document.createElement("input");
    this.slider.type = "range";
    const label = document.createElement("label");
    label.className = "field";
    label.append(words.cut, this.slider);
    const sees = document.createElement("p");
    sees.className = "sees small";
    sees.append(this.seen, words.sees);
    this.element.append(this.canvas, label, sees);
    this.listen();
  }

  listen() {
    this.slider.addEventListener("input", () => this.resize(Number(this.slider.value)));
    this.canvas.addEventListener("keydown", (event) => this.press(event));
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.grabbed = { x: event.offsetX, y: event.offsetY };
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!this.grabbed) return;
      const scale = this.bitmap.width / this.canvas.clientWidth;
      this.move((event.offsetX - this.grabbed.x) * scale, (event.offsetY - this.grabbed.y) * scale);
      this.grabbed = { x: event.offsetX, y: event.offsetY };
    });
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => (this.grabbed = null));
  }

  async open(blob) {
    // from-image: upright, whatever its EXIF says
    this.bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
    this.blob = blob;
    const { width, height } = this.bitmap;
    this.most = Math.min(width, height);
    this.size = this.most;
    this.x = (width - this.size) / 2;
    this.y = (height - this.size) / 2;
    Object.assign(this.slider, { min: Math.min(SMALLEST, this.most), max: this.most, value: this.size });
    this.canvas.width = Math.min(width, 608);
    this.canvas.height = Math.round((this.canvas.width * height) / width);
    this.element.hidden = false;
    this.draw();
  }

  press(event) {
    const step = this.most * STEP;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const sizes = { "+": -step, "=": -step, "-": step };
    if (moves[event.key]) this.move(...moves[event.key]);
    else if (sizes[event.key]) this.resize(this.size + sizes[event.key]);
    else return;
    event.preventDefault();
  }

  move(right, down) {
    this.x = Math.max(0, Math.min(this.bitmap.width - this.size, this.x + right));
    this.y = Math.max(0, Math.min(this.bitmap.height - this.size, this.y + down));
    this.draw();
  }

  resize(size) {
    const before = this.size;
    this.size = Math.max(Math.min(SMALLEST, this.most), Math.min(this.most, size));
    this.slider.value = this.size;
    this.move((before - this.size) / 2, (before - this.size) / 2);
  }

  draw() {
    const context = this.canvas.getContext("2d");
    const scale = this.canvas.width / this.bitmap.width;
    const square = [this.x, this.y, this.size, this.size].map((each) => each * scale);
    context.drawImage(this.bitmap, 0, 0, this.canvas.width, this.canvas.height);
    context.fillStyle = "rgb(0 0 0 / .55)";
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.bitmap, this.x, this.y, this.size, this.size, ...square);
    context.strokeStyle = "#fff";
    context.lineWidth = 3;
    context.strokeRect(...square);
    const seen = this.seen.getContext("2d");
    seen.filter = "grayscale(1)";
    seen.drawImage(this.bitmap, this.x, this.y, this.size, this.size, 0, 0, SEEN, SEEN);
  }

  // The file to send: the cut; the file itself if the cut is all of it.
  async file() {
    if (this.bitmap.width === this.bitmap.height && this.size === this.most && this.blob instanceof File) return this.blob;
    const side = Math.round(Math.min(this.size, 512));
    const cut = new OffscreenCanvas(side, side);
    cut.getContext("2d").drawImage(this.bitmap, this.x, this.y, this.size, this.size, 0, 0, side, side);
    return new File([await cut.convertToBlob({ type: "image/png" })], "cut.png", { type: "image/png" });
  }
}
