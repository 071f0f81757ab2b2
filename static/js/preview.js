// Shows the text as the server would render it, in the panel named by data-panel.
import { fragment } from "./fragment.js";

const RENDERER = "/preview";

export function preview(button) {
  const panel = document.getElementById(button.dataset.panel);

  button.addEventListener("click", async (event) => {
    event.preventDefault();
    button.setAttribute("aria-busy", "true");
    try {
      const body = new URLSearchParams({ body: button.form.elements.body.value });
      panel.replaceChildren(...await fragment(RENDERER, { method: "POST", body }));
    } catch {
      panel.textContent = "The preview did not arrive. Your text is still here; try again.";
    }
    panel.hidden = false;
    panel.focus();
    button.removeAttribute("aria-busy");
  });
}
