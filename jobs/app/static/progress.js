// Keeps the lines of a running command up to date, and loads the page again when it has ended.

const SECONDS = 1;
const waiting = document.querySelector("[data-until]");
const elapsed = document.querySelector("[data-elapsed]");
const lines = document.querySelector("[data-lines]");

// What each page waits for
const ENDED = {
  starting: (now) => now.desk !== "starting",
  exploring: (now) => now.explored,
  running: (now) => !now.running && now.desk !== "starting",
};

async function look() {
  const answer = await fetch(`/work?as=json&until=${waiting.dataset.until}`).catch(() => null);
  if (answer?.ok) {
    const now = await answer.json();
    if (lines) lines.textContent = now.lines.join("\n");
    if (elapsed) elapsed.textContent = `${now.seconds} s`;
    if (ENDED[waiting.dataset.until](now)) {
      if (now.next && lines) location.href = now.next;
      else location.reload();
      return;
    }
  }
  setTimeout(look, SECONDS * 1000);
}

if (waiting) look();
