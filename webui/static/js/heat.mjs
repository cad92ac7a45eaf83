// Shows on a drawing of `ui.diagram` how many wait at each node and what the linter objects to.
// It is told by js/bpmn.mjs when the drawing is there.
//
//   flow.heat            [{"id", "level": 1…4, "text": "12 · 3 ngày"}]
//   flow.bad             ids of elements something is wrong with
//   [data-find="id"]     leads to the element in the drawing

let drawn = null;

function warm(viewer, heat) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  for (const { id, level, text } of heat) {
    const element = viewer.get("elementRegistry").get(id);
    if (!element) continue;
    canvas.addMarker(id, `tk-heat-${level}`);
    const html = Object.assign(document.createElement("div"), {
      className: `tk-heat-badge tk-heat-${level}`,
      textContent: text,
    });
    // A drawing made small keeps its numbers readable.
    const position = { top: 0, left: element.width / 2 };
    overlays.add(id, { position, html, scale: { min: 1 } });
  }
}

function accuse(viewer, ids) {
  for (const id of ids) {
    if (viewer.get("elementRegistry").get(id)) viewer.get("canvas").addMarker(id, "tk-wrong");
  }
}

function find(id) {
  const fold = document.querySelector("details.tk-diagram");
  if (fold) fold.open = true;
  fold?.scrollIntoView({ block: "nearest" });
  if (drawn === null) return;
  const canvas = drawn.get("canvas");
  for (const element of drawn.get("elementRegistry").getAll()) canvas.removeMarker(element, "tk-found");
  if (drawn.get("elementRegistry").get(id)) {
    canvas.addMarker(id, "tk-found");
    canvas.scrollToElement(id);
  }
}

document.addEventListener("trinhky:drawn", ({ detail: { viewer, flow } }) => {
  drawn = viewer;
  warm(viewer, flow.heat ?? []);
  accuse(viewer, flow.bad ?? []);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-find]");
  if (button) find(button.dataset.find);
});
