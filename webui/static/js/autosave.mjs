// Keeps what is being typed, a few seconds after the last change, and helps to pick recipients.
//
//   <form data-autosave="/…/tu-luu" data-text-failed="…" data-text-ended="…"
//     [data-refused]>    refused: shown again with what was typed, none of it kept
//   the answer is {"version", "text"}: the version goes into the hidden field of that name, the
//   text is shown in [data-autosave-status]
//   [data-pick-group] holds checkboxes, a button [data-pick-all] and a count [data-pick-count]

const PAUSE_MS = 3000;
// What the server answers when the session, or the token that belongs to it, is gone.
const SESSION_GONE = new Set([400, 401]);

function keep(form) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0;
  let running = null;
  let typed = 0;
  let kept = 0;
  let failed = false;
  // The server showed the form again and kept nothing of it.
  let refused = form.hasAttribute("data-refused");

  async function post() {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    return { ok: answer.ok, status: answer.status, said: await answer.json() };
  }

  async function save() {
    const turn = typed;
    failed = true;
    try {
      let answer = await post();
      // After signing in again elsewhere the page only lacks the new token.
      if (SESSION_GONE.has(answer.status) && (await document.trinhkyAskSession()) === "alive") answer = await post();
      if (SESSION_GONE.has(answer.status)) {
        status.textContent = form.dataset.textEnded;
        return;
      }
      if (answer.ok) {
        form.elements.version.value = answer.said.version;
        kept = turn;
        failed = false;
        refused = false;
      }
      status.textContent = answer.said.text;
    } catch {
      status.textContent = form.dataset.textFailed;
    }
  }

  async function saveNow() {
    clearTimeout(timer);
    await running;
    if (kept === typed) return;
    running = save();
    await running;
    running = null;
  }

  function later() {
    typed += 1;
    clearTimeout(timer);
    timer = setTimeout(saveNow, PAUSE_MS);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // The form sends everything itself, with the version that a save under way will bring.
  form.addEventListener("trinhky:before-send", (event) => {
    clearTimeout(timer);
    if (running !== null) event.detail.waitFor.push(running);
  });
  form.addEventListener("trinhky:sending", () => {
    kept = typed;
    refused = false;
  });
  keepBeforeLeaving(() => kept !== typed, saveNow, () => refused || (failed && kept !== typed));
}

// A link, for example to the other language, is followed once everything is kept.
function keepBeforeLeaving(isOpen, saveNow, wouldLose) {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (link === null || link.target || link.hasAttribute("download") || !isPlain || !isOpen()) return;
    if (link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    await saveNow();
    location.assign(link.href);
  });
  addEventListener("beforeunload", (event) => {
    if (wouldLose()) event.preventDefault();
    else if (isOpen()) saveNow();
  });
}

function pick(group) {
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  const count = group.querySelector("[data-pick-count]");
  const all = group.querySelector("[data-pick-all]");

  function show() {
    const chosen = boxes.filter((box) => box.checked).length;
    count.textContent = `(${chosen}/${count.dataset.total})`;
  }

  if (all !== null) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const wanted = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = wanted;
      boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  group.addEventListener("change", show);
  show();
}

document.querySelectorAll("form[data-autosave]").forEach(keep);
document.querySelectorAll("[data-pick-group]").forEach(pick);
