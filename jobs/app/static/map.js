// The map: move, zoom, hover, and select by lasso, by a rectangle of two clicks, or by keys.

import { loadPoints, nearestPoint, nextPoint, Painter, View } from "/static/points.js";
import { Outline } from "/static/select.js";

const WITHIN = 10; // pixels
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const section = document.querySelector("[data-map]");
const words = JSON.parse(section.dataset.words);
const names = JSON.parse(section.dataset.names);
const canvas = section.querySelector("canvas");
const status = section.querySelector("[data-status]");
const hovered = section.querySelector("[data-hovered]");
const view = new View(canvas);
const painter = new Painter(canvas);
const outline = new Outline(canvas, view);
const points = await loadPoints(location.search.slice(1)).catch((error) => {
  status.textContent = words.failed;
  throw error;
});
let mode = "move";
let held = null; // where the pointer went down
let current = -1; // the point that is shown
let waiting = false;
const tools = document.createElement("div");

function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const started = performance.now();
    painter.draw(points, view);
    section.dataset.milliseconds = performance.now() - started; // `jobs bench` reads both
    section.dataset.frames = Number(section.dataset.frames ?? 0) + 1;
    outline.draw();
    if (current >= 0) outline.mark(view.toPixel(points.x[current], points.y[current]));
  });
}

function fit() {
  canvas.width = canvas.clientWidth;
  canvas.height = canvas.clientHeight;
  redraw();
}

async function show(number, aloud) {
  if (number === current || number < 0) return;
  current = number;
  redraw();
  const answer = await fetch(`/points/${points.ids[number]}`);
  if (!answer.ok || number !== current) return;
  const { id, emotion, filepath } = await answer.json();
  const text = words.point.replace("{emotion}", () => names[emotion] ?? emotion).replace("{filepath}", () => filepath);
  hovered.hidden = false;
  hovered.querySelector("img").src = `/pictures/${id}.png`;
  hovered.querySelector("[data-what]").textContent = text;
  if (aloud) status.textContent = text;
}

function select() {
  const area = outline.take();
  if (!area) {
    status.textContent = words.nothing;
    return;
  }
  const address = new URL(location.href);
  address.searchParams.set("view", "map");
  address.searchParams.set("area", area.join(","));
  address.searchParams.delete("page");
  address.hash = "list";
  location.assign(address);
}

function choose(name) {
  mode = name;
  outline.clear();
  for (const each of tools.querySelectorAll("[data-mode]")) each.setAttribute("aria-pressed", each.dataset.mode === name);
  canvas.style.cursor = name === "move" ? "grab" : "crosshair";
  redraw();
}

function zoom(factor, right = canvas.width / 2, down = canvas.height / 2) {
  view.zoomAt(factor, right, down);
  redraw();
}

function corner(x, y) {
  if (outline.addCorner(x, y)) select();
  else status.textContent = words.corner;
  redraw();
}

function press(event) {
  if (ARROWS[event.key]) {
    const first = current < 0 ? nearestPoint(points, view, canvas.width / 2, canvas.height / 2, Infinity) : current;
    show(current < 0 ? first : nextPoint(points, current, ARROWS[event.key]), true);
  } else if (event.key === "Enter" && current >= 0) corner(points.x[current], points.y[current]);
  else if (event.key === "Escape") choose("move");
  else if (event.key === "+") zoom(1.3);
  else if (event.key === "-") zoom(1 / 1.3);
  else return;
  event.preventDefault();
}

function addTool(text, pressed, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", pressed);
  if (name) button.dataset.mode = name;
  tools.append(button);
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  held = [event.offsetX, event.offsetY];
  if (mode === "lasso") outline.begin(...view.toMap(...held));
});
canvas.addEventListener("pointermove", (event) => {
  const [right, down] = [event.offsetX, event.offsetY];
  if (held && mode === "move") {
    view.move(right - held[0], down - held[1]);
    held = [right, down];
  } else if (held && mode === "lasso") outline.extend(...view.toMap(right, down));
  else if (mode === "rectangle" && outline.isOpen()) outline.stretch(...view.toMap(right, down));
  else return show(nearestPoint(points, view, right, down, WITHIN), false);
  redraw();
});
canvas.addEventListener("pointerup", (event) => {
  if (mode === "lasso") select();
  if (mode === "rectangle") corner(...view.toMap(event.offsetX, event.offsetY));
  held = null;
});
canvas.addEventListener("pointercancel", () => {
  held = null;
  outline.clear();
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event.offsetX, event.offsetY);
}, { passive: false });
canvas.addEventListener("keydown", press);
tools.className = "tools";
for (const name of ["move", "lasso", "rectangle"]) addTool(words[name], () => choose(name), name);
addTool(words.closer, () => zoom(1.5));
addTool(words.wider, () => zoom(1 / 1.5));
addTool(words.reset, () => { view.reset(); redraw(); });
addTool(words.save, () => canvas.toBlob((blob) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "map.png";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}));
canvas.before(tools);
const keys = document.createElement("p");
keys.className = "small";
keys.textContent = words.keys;
canvas.after(keys);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { painter.recolour(); redraw(); });
new ResizeObserver(fit).observe(canvas);
const area = new URLSearchParams(location.search).get("area");
if (area) outline.keep(area.split(",").map(Number));
choose("move");
section.dataset.ready = "yes";
