// Changes the theme at once and tells the server for the next page.
import { fragment } from "./fragment.js";

export function theme(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = event.submitter.value;
    if (value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = value;
    document.querySelector("meta[name=color-scheme]").content = value === "system" ? "light dark" : value;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
    fragment(form.action, { method: "POST", body: new URLSearchParams({ theme: value }) }).catch(() => {});
  });
}
