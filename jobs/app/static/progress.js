// Keeps the lines of a running command up to date, and loads the page again when it has ended.

const SECONDS = 1;
const waiting = document.querySelector("[data-until]");
const lines = document.querySelector("[data-lines]");

function hasEnded(now) {
  return waiting.dataset.until === "starting" ? now.desk !== "starting" : !now.running && now.desk !== "starting";
}

async function look() {
  const answer = await fetch("/work?as=json").catch(() => null);
  if (answer?.ok) {
    const now = await answer.json();
    if (lines) lines.textContent = now.lines.join("\n");
    if (hasEnded(now)) {
      if (now.next) location.href = now.next;
      else location.reload();
      return;
    }
  }
  setTimeout(look, SECONDS * 1000);
}

if (waiting) look();
