// Brings the chosen category's kind of thread and its questions at once, while nothing is written yet.
export function choose(select) {
  const button = select.form.elements.choose;
  button.hidden = true;
  select.addEventListener("change", () => {
    button.hidden = !select.form.elements.body.value.trim();
    if (button.hidden && select.value) button.click();
  });
}
