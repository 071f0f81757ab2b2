// The overlay that searches while one types, over any page: Ctrl+K, `/`, or the search box of the top bar.
import { choices } from "./choices.js";
import { filters } from "./filters.js";
import { instant } from "./instant.js";
import { recent } from "./recent.js";

const searched = () => document.querySelector("[data-searched]")?.dataset.searched ?? "";

export function palette(dialog) {
  const form = dialog.querySelector("form");
  const box = form.elements.q;
  const list = choices(dialog, box);
  const kept = recent(dialog, box, list);
  const look = instant(dialog, box, list);

  function open(text) {
    box.value = text || searched();
    dialog.showModal();
    if (!text) box.select();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  // Clicked or written in, not only reached with Tab: what gets the focus must not open anything by itself.
  function opens(event) {
    const { currentTarget: opener } = event;
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open(opener.value);
    if (opener.value) opener.value = "";
  }
  for (const opener of document.querySelectorAll("[data-opens=palette]"))
    for (const kind of ["click", "input"]) opener.addEventListener(kind, opens);
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });

  filters(dialog, box);
  box.addEventListener("input", () => {
    list.leave();
    kept.show();
    look();
  });
  box.addEventListener("keydown", (event) => { if (!event.isComposing) list.press(event); });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    const option = event.target.closest("[role=option]");
    if (!option || event.defaultPrevented) return;
    if (!("action" in option.dataset)) kept.keep(box.value);
    // What leads to another place of this very page loads nothing that would take the overlay away.
    if (option.target !== "_blank" && !event.ctrlKey && !event.metaKey) dialog.close();
  });
  form.addEventListener("submit", () => kept.keep(box.value));
  dialog.dataset.ready = "";
}
