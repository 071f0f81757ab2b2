// Takes the Undo button away after the seconds it works, where these are few: <div data-behavior="undo" data-seconds="10">.
export function undo(notice) {
  const button = notice.querySelector("button");
  if (!notice.dataset.seconds) return;
  setTimeout(() => {
    if (button.ariaBusy !== "true") button.form.hidden = true;
  }, notice.dataset.seconds * 1_000);
}
