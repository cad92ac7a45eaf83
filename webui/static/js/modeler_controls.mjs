// The controls of the editor's panel, each with its label and its hint. A control is known by its
// `data-field`, so that the focus and what is being typed outlive a new drawing of the panel.

let count = 0;

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function described(label, control, hint) {
  count += 1;
  control.id = `panel-${count}`;
  const field = make("div", { className: "tk-field" }, make("label", { htmlFor: control.id, textContent: label }));
  if (hint) {
    field.append(make("p", { className: "tk-hint", id: `${control.id}-hint`, textContent: hint }));
    control.setAttribute("aria-describedby", `${control.id}-hint`);
  }
  field.append(control);
  return field;
}

export class Controls {
  text(field, label, value, keep, { hint = "", long = false } = {}) {
    const control = make(long ? "textarea" : "input", { className: "form-control", defaultValue: value ?? "" });
    control.dataset.field = field;
    control.spellcheck = false;
    if (long) control.rows = 2;
    let last = value ?? "";
    const send = () => {
      const text = control.value.trim();
      if (text === last.trim()) return;
      last = text;
      keep(text);
    };
    control.addEventListener("change", send);
    // A browser tells of no change when the text was put back by `render`.
    control.addEventListener("blur", send);
    return described(label, control, hint);
  }

  select(field, label, options, value, keep, hint = "") {
    const known = options.some((option) => option.value === value);
    const control = make("select", { className: "form-select" });
    control.append(make("option", { value: known ? "" : (value ?? ""), textContent: known || !value ? this.words.choose : value }));
    control.append(...options.map((option) => make("option", { value: option.value, textContent: option.label })));
    control.value = value ?? "";
    control.dataset.field = field;
    control.addEventListener("change", () => keep(control.value));
    return described(label, control, hint);
  }

  check(field, label, checked, keep) {
    const control = make("input", { type: "checkbox", className: "form-check-input", checked });
    control.dataset.field = field;
    control.addEventListener("change", () => keep(control.checked));
    return make("label", { className: "form-check" }, control, make("span", { textContent: label }));
  }

  checks(field, label, options, values, keep) {
    const set = make("fieldset", { className: "tk-field" }, make("legend", { textContent: label }));
    const chosen = new Set(values);
    for (const { value, label: text } of options) {
      set.append(
        this.check(`${field}.${value}`, text, chosen.has(value), (checked) => {
          if (checked) chosen.add(value);
          else chosen.delete(value);
          keep([...chosen]);
        }),
      );
    }
    return set;
  }

  button(label, act, kind = "") {
    const button = make("button", { type: "button", className: `btn btn-sm ${kind}`.trim(), textContent: label });
    button.addEventListener("click", act);
    return button;
  }

  picker(field, label, options, go, act) {
    const box = this.select(field, label, options, "", () => {});
    const control = box.querySelector("select");
    box.classList.add("tk-picker");
    const send = () => {
      const { value } = control;
      control.value = "";
      if (value) act(value);
    };
    box.append(this.button(go, send));
    return box;
  }
}
