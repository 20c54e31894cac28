// Gives a picture in more ways than the plain form: dropped, pasted, photographed; and cut before it is sent.

import { Cutter } from "/static/cut.js";
import { Webcam } from "/static/webcam.js";

const MOST_BYTES = 8 * 1024 * 1024;
const form = document.querySelector("[data-give]");
const words = JSON.parse(form.dataset.words);
const input = form.elements.picture;
const status = form.querySelector("[data-status]");
const cutter = new Cutter(words);

function say(text) {
  status.textContent = text;
}

async function open(blob, byInput = false) {
  try {
    await cutter.open(blob);
  } catch {
    cutter.element.hidden = true;
    say(words.unreadable);
    return;
  }
  input.required = byInput;
  say("");
  cutter.canvas.focus();
}

function fill(file) {
  const files = new DataTransfer();
  files.items.add(file);
  input.files = files.files;
}

async function send(event) {
  if (cutter.element.hidden) return; // the plain form sends the file as it is
  event.preventDefault();
  const file = await cutter.file();
  if (file.size > MOST_BYTES) {
    say(words.too_large);
    return;
  }
  fill(file);
  say(words.searching);
  form.setAttribute("aria-busy", "true");
  form.submit();
}

function drop(event) {
  event.preventDefault();
  form.classList.remove("over");
  const file = event.dataTransfer.files[0];
  if (file) open(file);
}

function paste(event) {
  const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
  if (file) open(file);
}

const hint = document.createElement("p");
hint.className = "small";
hint.textContent = words.drop;
const label = input.closest("label");
const buttons = form.querySelector(".buttons");
label.after(hint, cutter.element);
input.addEventListener("change", () => input.files[0] && open(input.files[0], true));
form.addEventListener("submit", send);
// The whole page takes a picture: beside the form, the browser would open it and leave.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("over");
});
document.addEventListener("dragleave", (event) => event.relatedTarget ?? form.classList.remove("over"));
document.addEventListener("drop", drop);
document.addEventListener("paste", paste);
if (navigator.mediaDevices) {
  const webcam = new Webcam(words, open, say);
  hint.before(webcam.element);
  buttons.append(webcam.open);
}
window.addEventListener("pageshow", () => form.removeAttribute("aria-busy"));
