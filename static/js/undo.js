// Takes the Undo button out of the address, so that Reload does not show it, and away after the seconds it works, where
// these are few: <div data-behavior="undo" data-seconds="10">.
export function undo(notice) {
  const button = notice.querySelector("button");
  const address = new URL(location.href);
  for (const name of ["undo", "notice", "at"]) address.searchParams.delete(name);
  history.replaceState(history.state, "", address);
  if (!notice.dataset.seconds) return;
  setTimeout(() => {
    if (button.ariaBusy !== "true") button.form.hidden = true;
  }, notice.dataset.seconds * 1_000);
}
