// Shows an answer while it comes. What is said is text: it is never read as HTML. Then the page with its sources.

const form = document.querySelector("[data-ask]");
const status = form.querySelector("[data-status]");
const talk = document.querySelector(".talk");

function add(name, text) {
  const element = document.createElement("p");
  element.className = name;
  element.textContent = text;
  talk.lastElementChild.append(element);
  return element;
}

async function ask(event) {
  event.preventDefault();
  const sent = new FormData(form);
  sent.set("stream", "yes");
  const button = form.querySelector("button");
  button.disabled = true;
  status.textContent = form.dataset.asking;
  talk.append(document.createElement("li"));
  add("question", sent.get("question"));
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(sent) });
  if (!answer.headers.get("content-type").startsWith("text/plain")) throw new Error(answer.statusText);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const said = add("said", "");
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    said.textContent += value;
  }
  if (answer.ok) open();
  status.textContent = "";
  button.disabled = false;
}

// The page again, with the sources of the answer. It keeps what came, also where the connection has ended.
function open() {
  location.assign(`/chat?at=${Date.now()}#latest`);
}

form.addEventListener("submit", (event) => ask(event).catch(open));
