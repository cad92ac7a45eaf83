// Draws the flow of a document and marks where it is. The markup is `ui.diagram`; the drawing is
// made when its <details> is opened.
//
//   [data-bpmn]   address of {"xml": "…", "done": [ids], "now": [ids]}, or "" with the same
//                 JSON in a <script type="application/json"> inside
//   [data-ready]  set once drawn, or failed
//   trinhky:drawn told to the box, and so to the page; detail.viewer and detail.flow

const LARGEST_ZOOM = 1;
const MARGIN = 24;
// The bpmn.io logo must stay in full view: nothing is drawn as low as it stands.
const LOGO = 36;
const NARROW = "(max-width: 767.98px)";
const AIR = 0.95;

function load(tag, attributes) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = resolve;
    element.onerror = () => reject(new Error(attributes.src ?? attributes.href));
    document.head.append(element);
  });
}

let library = null;

function loadLibrary(box) {
  library ??= Promise.all([
    load("script", { src: box.dataset.lib }),
    ...box.dataset.css.split(" ").map((href) => load("link", { rel: "stylesheet", href })),
  ]);
  return library;
}

async function readFlow(box) {
  const inside = box.querySelector("script[type='application/json']");
  if (inside !== null) {
    const flow = JSON.parse(inside.textContent);
    inside.remove();
    return flow;
  }
  const answer = await fetch(box.dataset.bpmn, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${box.dataset.bpmn}`);
  return answer.json();
}

function fit(box, canvas) {
  const drawn = canvas.viewbox().inner;
  // As tall as the flow is when it fills the width, so that labels are as large as can be.
  const scale = Math.min(1, box.clientWidth / (drawn.width + 2 * MARGIN));
  box.style.height = `${Math.min(Math.max(drawn.height * scale + 2 * MARGIN + LOGO, 160), 480)}px`;
  canvas.resized();
  canvas.zoom("fit-viewport", "auto");
  canvas.zoom(canvas.zoom() * AIR, "auto");
  canvas.scroll({ dx: 0, dy: -LOGO / 2 });
  if (canvas.zoom() > LARGEST_ZOOM) {
    canvas.zoom(LARGEST_ZOOM);
    const outer = canvas.viewbox().outer;
    canvas.viewbox({
      x: drawn.x - (outer.width - drawn.width) / 2,
      y: drawn.y - (outer.height - drawn.height) / 2 + LOGO / 2,
      width: outer.width,
      height: outer.height,
    });
  }
}

async function draw(box) {
  const [flow] = await Promise.all([readFlow(box), loadLibrary(box)]);
  // The wheel scrolls the page, not the drawing; dragging moves it.
  const viewer = new window.BpmnJS({ container: box, zoomScroll: { enabled: false } });
  await viewer.importXML(flow.xml);
  const canvas = viewer.get("canvas");
  const elements = viewer.get("elementRegistry");
  for (const state of ["done", "now"]) {
    for (const id of flow[state] ?? []) {
      if (elements.get(id)) canvas.addMarker(id, state);
    }
  }
  box.dispatchEvent(new CustomEvent("trinhky:drawn", { bubbles: true, detail: { viewer, flow } }));
  fit(box, canvas);
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth === 0 || box.clientWidth === width) return;
    width = box.clientWidth;
    fit(box, canvas);
  }).observe(box);
}

function ready(box) {
  box.dataset.ready = "";
  if (!document.querySelector("[data-island]:not([data-ready])")) document.body.dataset.ready = "";
}

function start(box) {
  if (box.dataset.started !== undefined) return;
  box.dataset.started = "";
  draw(box)
    .catch((error) => {
      console.warn(error);
      box.textContent = box.dataset.textFailed;
    })
    .finally(() => ready(box));
}

for (const box of document.querySelectorAll("[data-bpmn]")) {
  const fold = box.closest("details");
  // On a narrow screen its words would be too small to read; the list of steps says the same.
  if (fold?.open && matchMedia(NARROW).matches) {
    fold.open = false;
    ready(box);
  }
  if (fold === null || fold.open) start(box);
  else fold.addEventListener("toggle", () => fold.open && start(box));
}
