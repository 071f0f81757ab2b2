// Takes the Undo button away after the ten seconds it works, and out of the address, so that Reload does not show it.
const WORKS = 10_000;

export function undo(notice) {
  const button = notice.querySelector("button");
  const address = new URL(location.href);
  address.searchParams.delete("undo");
  address.searchParams.delete("notice");
  history.replaceState(history.state, "", address);
  setTimeout(() => {
    if (button.ariaBusy !== "true") button.form.hidden = true;
  }, WORKS);
}
