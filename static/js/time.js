// Says how long ago something was; the full date stays as the title. One that is data-whole is left as it is.
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const SAME_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const OTHER_YEAR = new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" });
const COUNTED = /^\d+ (min|h|days)$/;

export function age(date, now) {
  const seconds = (now - date) / 1000;
  if (seconds < MINUTE) return "just now";
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h`;
  if (seconds < 2 * DAY) return "yesterday";
  if (seconds < 7 * DAY) return `${Math.floor(seconds / DAY)} days`;
  return (date.getFullYear() === now.getFullYear() ? SAME_YEAR : OTHER_YEAR).format(date);
}

export function time(page) {
  const now = new Date();
  for (const element of page.querySelectorAll("time[datetime]:not([data-whole])")) {
    const date = new Date(element.dateTime);
    if (date > now) continue;
    element.title = FULL.format(date);
    const text = age(date, now);
    element.textContent = COUNTED.test(text) && !("short" in element.dataset) ? `${text} ago` : text;
  }
}
