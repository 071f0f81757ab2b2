// Sends a form once, and with Ctrl+Enter.
export function submit(form) {
  let sent = false;

  form.addEventListener("submit", (event) => {
    if (sent) return event.preventDefault();
    sent = true;
    event.submitter?.setAttribute("aria-busy", "true");
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector(".btn-primary"));
  });
  // Back from the next page the form may be sent again.
  addEventListener("pageshow", () => {
    sent = false;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });
}
