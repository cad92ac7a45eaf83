// Keeps what is being typed, a few seconds after the last change, and helps to pick recipients.
//
//   <form data-autosave="/…/tu-luu" data-text-failed="…">
//   the answer is {"version", "text"}: the version goes into the hidden field of that name, the
//   text is shown in [data-autosave-status]
//   [data-pick-group] holds checkboxes, a button [data-pick-all] and a count [data-pick-count]

const PAUSE_MS = 3000;

function keep(form) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0;
  let saving = false;
  let again = false;

  async function save() {
    if (saving) {
      again = true;
      return;
    }
    saving = true;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      const said = await answer.json();
      if (answer.ok) form.elements.version.value = said.version;
      status.textContent = said.text;
    } catch {
      status.textContent = form.dataset.textFailed;
    }
    saving = false;
    if (again) {
      again = false;
      save();
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // What is being sent by the form itself need not be kept twice.
  form.addEventListener("submit", () => clearTimeout(timer));
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
