// The editor of a procedure: the drawing, the panel beside it, the server's check, and saving.
//
//   [data-modeler]      the drawing's box; data-source, -check, -save, -lib, -css and the modules
//   [data-do]           buttons: undo, redo, fit, zoom-in, zoom-out, check
//   [data-properties]   the panel
//   form[data-save]     the note; sent with the drawing, and never by the browser itself
//   [data-findings]     where the answer of the check goes
//   [data-status]       one line about what is unsaved or being done

const STEP = 1.25;
// The palette lies over the left edge; what is drawn begins beside it.
const PALETTE = 112;
const MARGIN = 20;
// Words of a smaller drawing cannot be read; it is moved rather than made smaller than this.
const READABLE = 0.75;
const HTTP_CREATED = 201;
const HTTP_REFUSED = 422;

const box = document.querySelector("[data-modeler]");
const status = document.querySelector("[data-status]");
const findings = document.querySelector("[data-findings]");
const form = document.querySelector("form[data-save]");

let isDirty = false;

function load(tag, attributes) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = resolve;
    element.onerror = () => reject(new Error(attributes.src ?? attributes.href));
    document.head.append(element);
  });
}

async function read(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer.json();
}

async function open() {
  const [source, subset, { panelWith }, controls] = await Promise.all([
    read(box.dataset.source),
    import(box.dataset.subset),
    import(box.dataset.panel),
    import(box.dataset.controls),
    load("script", { src: box.dataset.lib }),
    ...box.dataset.css.split(" ").map((href) => load("link", { rel: "stylesheet", href })),
  ]);
  const modeler = new window.BpmnJS({
    container: box,
    zoomScroll: { enabled: false },
    moddleExtensions: { trinhky: subset.DESCRIPTOR },
    additionalModules: [subset.subset(source.texts)],
  });
  await modeler.importXML(source.xml);
  fit(modeler.get("canvas"), READABLE);
  const root = document.querySelector("[data-properties]");
  const Panel = panelWith(controls);
  const panel = new Panel({ root, modeler, texts: source.texts, choices: source.choices, subset });
  return { modeler, panel, words: source.texts.panel };
}

function fit(canvas, least) {
  const { inner, outer } = canvas.viewbox();
  const width = outer.width - PALETTE - MARGIN;
  const height = outer.height - 2 * MARGIN;
  const scale = Math.max(Math.min(1, width / inner.width, height / inner.height), least);
  canvas.viewbox({
    x: inner.x - PALETTE / scale,
    y: inner.y - Math.max((outer.height / scale - inner.height) / 2, MARGIN),
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

function begin({ modeler, panel, words }) {
  const canvas = modeler.get("canvas");
  const stack = modeler.get("commandStack");
  const acts = {
    undo: () => stack.canUndo() && stack.undo(),
    redo: () => stack.canRedo() && stack.redo(),
    fit: () => fit(canvas, 0),
    "zoom-in": () => canvas.zoom(canvas.zoom() * STEP, "auto"),
    "zoom-out": () => canvas.zoom(canvas.zoom() / STEP, "auto"),
    check: () => check(modeler, panel, words),
  };
  document.addEventListener("click", (event) => acts[event.target.closest("[data-do]")?.dataset.do]?.());
  const refresh = () => {
    isDirty = stack.canUndo();
    status.textContent = isDirty ? words.changed : "";
    document.querySelector("[data-do=undo]").disabled = !stack.canUndo();
    document.querySelector("[data-do=redo]").disabled = !stack.canRedo();
  };
  modeler.on("commandStack.changed", refresh);
  refresh();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(modeler, panel, words);
  });
}

/** Ask the server with the drawing as a file, so that not a byte of it is changed on the way. */
async function send(url, modeler) {
  const state = await document.trinhkyAskSession();
  if (state !== "alive") {
    const template = document.getElementById(state === "ended" ? "session-ended" : "server-silent");
    document.getElementById("toasts").replaceChildren(template.content.cloneNode(true));
    return null;
  }
  const body = new FormData(form);
  const { xml } = await modeler.saveXML({ format: true });
  body.append("bpmn", new Blob([xml], { type: "application/xml" }), "process.bpmn");
  const token = form.elements.csrf_token.value;
  return fetch(url, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token } });
}

async function tellWhatIsWrong(answer, words) {
  const said = await answer.json().catch(() => ({}));
  status.textContent = said.text ?? words.send_failed;
}

async function check(modeler, panel, words) {
  try {
    const answer = await send(box.dataset.check, modeler);
    if (answer === null) return;
    if (answer.ok) show((await answer.json()).findings, modeler, panel, words);
    else await tellWhatIsWrong(answer, words);
  } catch (error) {
    console.warn(error);
    status.textContent = words.send_failed;
  }
}

async function save(modeler, panel, words) {
  status.textContent = words.saving;
  try {
    const answer = await send(box.dataset.save, modeler);
    if (answer === null) return;
    if (answer.status === HTTP_CREATED) {
      isDirty = false;
      location.assign((await answer.json()).url);
      return;
    }
    const said = await answer.json();
    status.textContent = said.text ?? words.changed;
    if (answer.status === HTTP_REFUSED && said.findings) show(said.findings, modeler, panel, words);
  } catch (error) {
    console.warn(error);
    status.textContent = words.send_failed;
  }
}

function show(found, modeler, panel, words) {
  const canvas = modeler.get("canvas");
  const registry = modeler.get("elementRegistry");
  for (const element of registry.getAll()) canvas.removeMarker(element, "tk-wrong");
  const summary = Object.assign(document.createElement("p"), { className: "tk-strong" });
  summary.textContent = found.length
    ? words.checked_bad.replace("{count}", found.length)
    : words.checked_good;
  const list = document.createElement("ol");
  for (const each of found) list.append(line(each, registry.get(each.element), panel, words));
  for (const { element } of found) if (registry.get(element)) canvas.addMarker(element, "tk-wrong");
  findings.replaceChildren(summary, ...(found.length ? [list] : []));
  findings.className = `tk-findings ${found.length ? "tk-findings-bad" : "tk-findings-good"}`;
  findings.scrollIntoView({ block: "nearest" });
}

function line(finding, element, panel, words) {
  const item = document.createElement("li");
  if (element) {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "tk-plain tk-find tk-strong",
      textContent: panel.name(element),
    });
    button.addEventListener("click", () => panel.choose(element));
    item.append(button, " ");
  }
  const mend = Object.assign(document.createElement("span"), {
    className: "tk-muted",
    textContent: ` ${words.mend} ${finding.mend}`,
  });
  item.append(finding.text, mend);
  return item;
}

addEventListener("beforeunload", (event) => {
  if (isDirty) event.preventDefault();
});

open()
  .then(begin)
  .catch((error) => {
    console.warn(error);
    box.textContent = box.dataset.textFailed;
  })
  .finally(() => {
    box.dataset.ready = "";
    document.body.dataset.ready = "";
  });
