// Buttons of the overlay that write a filter into its box, or take it out again.
const ONCE = ["is:", "after:"];

export function filters(dialog, box) {
  const buttons = [...dialog.querySelectorAll("[data-filter]")];
  const words = () => box.value.split(/\s+/).filter(Boolean);

  for (const button of buttons)
    button.addEventListener("click", () => {
      const { filter } = button.dataset;
      const once = ONCE.find((name) => filter.startsWith(name));
      const is = words().includes(filter);
      const kept = words().filter((word) => (once ? !word.startsWith(once) : word !== filter));
      const end = !is && kept.join(" ").split('"').length % 2 === 0 ? '"' : "";
      box.value = `${kept.join(" ")}${end} ${is ? "" : `${filter} `}`.trimStart();
      box.focus();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
  box.addEventListener("input", () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(words().includes(button.dataset.filter)));
  });
}
