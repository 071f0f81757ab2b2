// Asks for what is found while one types, 80 ms after the last key; answers that come too late are dropped.
import { fragment } from "./fragment.js";

const WAIT = 80;
const FAILED = "Nothing could be looked up just now. Enter searches.";

export function instant(dialog, box, list) {
  const part = (name) => dialog.querySelector(`[data-part=${name}]`);
  const all = dialog.querySelector("#palette-all");
  let timer = 0;
  let asked = new AbortController();

  function show(nodes) {
    // Only a choice that goes away is left: who has entered a recent search already stays there.
    if (part("found").contains(list.active)) list.leave();
    for (const name of ["notes", "found"])
      part(name).replaceChildren(...(nodes?.find((node) => node.dataset?.part === name)?.childNodes ?? []));
    if (!nodes) part("notes").textContent = FAILED;
    const count = part("found").querySelectorAll("[role=option]").length;
    part("said").textContent = `${count} ${count === 1 ? "choice" : "choices"}. ${part("notes").textContent}`;
  }
  async function look() {
    const { signal } = asked;
    const nodes = await fragment(`/search/instant?${new URLSearchParams({ q: box.value })}`, { signal }).catch(() => null);
    if (!signal.aborted) show(nodes);
  }
  return () => {
    const text = box.value.trim();
    all.hidden = !text;
    all.href = `/search?${new URLSearchParams({ q: text })}`;
    all.querySelector("[data-words]").textContent = text;
    if (!text) part("found").replaceChildren();
    asked.abort();
    asked = new AbortController();
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  };
}
