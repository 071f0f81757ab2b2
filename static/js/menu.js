// Closes an open menu on Escape and on a press beside it.
export function menu(page) {
  const opened = () => page.querySelectorAll("details.menu[open]");

  page.addEventListener("pointerdown", (event) => {
    for (const details of opened()) if (!details.contains(event.target)) details.open = false;
  });
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const details of opened()) {
      details.open = false;
      details.querySelector("summary").focus();
    }
  });
}
