// Single-letter keys for lists and actions. They rest while somebody types, and for good when
// the person has switched them off (body[data-keys=off], WCAG 2.2, 2.1.4).
//
//   [data-key="s"]      is clicked, or focused if it is a field
//   [data-row]          j and k move between rows; x ticks the row's checkbox
//   [data-select-all]   ticks every row of its table

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

function rows() {
  return [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
}

function currentRow() {
  return document.activeElement?.closest("[data-row]") ?? null;
}

function move(step) {
  const all = rows();
  if (all.length === 0) return false;
  const from = all.indexOf(currentRow());
  const to = from < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(from + step, 0), all.length - 1);
  all[to].querySelector("a[href]")?.focus();
  all[to].scrollIntoView({ block: "nearest" });
  return true;
}

function tick() {
  const box = currentRow()?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

function help() {
  const dialog = document.getElementById("keys-help");
  if (dialog === null || dialog.open) return false;
  dialog.showModal();
  return true;
}

function press(key) {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (target === null || target.disabled) return false;
  if (target.matches(TYPING)) {
    target.focus();
    target.select?.();
  } else {
    target.click();
  }
  return true;
}

const ACTIONS = { j: () => move(1), k: () => move(-1), x: tick, "?": help };

function isForUs(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (document.body.dataset.keys === "off" || document.querySelector("dialog[open]")) return false;
  return event.key.length === 1 && !event.target.closest?.(TYPING);
}

document.addEventListener("keydown", (event) => {
  if (!isForUs(event)) return;
  const key = event.key.toLowerCase();
  if (ACTIONS[key]?.() || press(key)) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-select-all]")) return;
  for (const box of event.target.closest("table").querySelectorAll("[data-row] input[type=checkbox]")) {
    if (box.checked !== event.target.checked) box.click();
  }
});

// A menu closes when the person goes elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.tk-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.tk-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
