// Offers a Quote button beside selected words of a post; it writes them into the reply.
function passage() {
  const selection = getSelection();
  if (selection.isCollapsed) return null;
  const parent = selection.getRangeAt(0).commonAncestorContainer;
  const body = (parent.closest ? parent : parent.parentElement).closest(".post-body");
  const post = body?.closest("[data-author]");
  if (!post) return null;
  return { author: post.dataset.author, text: selection.toString().trim(), box: selection.getRangeAt(0).getBoundingClientRect() };
}

function quoted({ author, text }) {
  const lines = text.split("\n").map((line) => `> ${line}`.trimEnd());
  return `@${author} wrote:\n\n${lines.join("\n")}\n\n`;
}

export function quote(posts) {
  const reply = document.getElementById(posts.dataset.target);
  if (!reply) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn quote-button";
  button.textContent = "Quote";
  button.hidden = true;
  document.body.append(button);

  document.addEventListener("selectionchange", () => {
    const chosen = passage();
    button.hidden = !chosen?.text;
    if (button.hidden) return;
    const y = Math.min(chosen.box.bottom + 6, innerHeight - 60);
    const x = Math.max(8, Math.min(chosen.box.left, innerWidth - 100));
    button.style.setProperty("--quote-y", `${y}px`);
    button.style.setProperty("--quote-x", `${x}px`);
  });
  function append(chosen) {
    const before = reply.value && !reply.value.endsWith("\n\n") ? `${reply.value.trimEnd()}\n\n` : reply.value;
    reply.value = before + quoted(chosen);
    reply.dispatchEvent(new Event("input", { bubbles: true }));
    getSelection().removeAllRanges();
    reply.focus();
    reply.setSelectionRange(reply.value.length, reply.value.length);
  }

  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    const chosen = passage();
    if (chosen) append(chosen);
  });
  posts.addEventListener("click", (event) => {
    const post = event.target.closest("[data-quote]")?.closest("[data-author]");
    if (!post) return;
    event.preventDefault();
    append({ author: post.dataset.author, text: post.querySelector(".post-body").innerText.trim() });
  });
}
