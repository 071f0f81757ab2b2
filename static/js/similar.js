// Shows questions like the one being typed, from ten characters on.
import { fragment } from "./fragment.js";

const WAIT = 250;
const ENOUGH = 10;

export function similar(title) {
  const panel = document.getElementById(title.dataset.panel);
  let timer = 0;
  let asked = new AbortController();

  async function look() {
    asked.abort();
    asked = new AbortController();
    const text = title.value.trim();
    if (text.length < ENOUGH) return panel.replaceChildren();
    const url = `/ask/similar?${new URLSearchParams({ title: text })}`;
    const nodes = await fragment(url, { signal: asked.signal }).catch(() => null);
    if (nodes) panel.replaceChildren(...nodes);
  }
  title.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });
  look();
}
