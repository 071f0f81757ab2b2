// Single keys for the card one is on: a approve, h hide or reject, r the reason, e open, x choose.
const PRESSED = { a: (one) => one.click(), h: (one) => one.click(), e: (one) => one.click(), x: (one) => one.click(), r: (one) => one.focus() };

export function queue(list) {
  document.addEventListener("keydown", (event) => {
    const press = PRESSED[event.key];
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
    if (!press || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (localStorage.getItem("shortcuts") === "off") return;
    const card = event.target.closest("[data-item]");
    const target = card && list.contains(card) ? card.querySelector(`[data-key=${event.key}]`) : null;
    if (!target) return;
    event.preventDefault();
    press(target);
  });
}
