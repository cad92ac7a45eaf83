// The panel beside the editor's drawing: a list of all elements, and the fields of the chosen one.
// Everything that can be done on the drawing with a mouse can be done here with the keyboard.
// js/modeler.mjs gives it its controls: own modules know one another's hashed names only from the page.

const TIMER = "bpmn:TimerEventDefinition";

export const panelWith = ({ Controls, make }) => class Panel extends Controls {
  constructor({ root, modeler, texts, choices, subset }) {
    super();
    Object.assign(this, { root, modeler, texts, choices, subset, words: texts.panel });
    this.modeling = modeler.get("modeling");
    this.registry = modeler.get("elementRegistry");
    this.selection = modeler.get("selection");
    const later = () => {
      clearTimeout(this.timer);
      // After the focus has moved on, so that it can be put where it went.
      this.timer = setTimeout(() => this.render());
    };
    modeler.on(["selection.changed", "commandStack.changed", "import.done"], later);
    this.render();
  }

  get chosen() {
    const [element] = this.selection.get();
    return element?.labelTarget ?? element ?? null;
  }

  choose(element) {
    this.selection.select(element);
    this.modeler.get("canvas").scrollToElement(element);
  }

  name(element) {
    const business = element.businessObject;
    if (element.type === "bpmn:SequenceFlow") {
      const ends = [element.source, element.target].map((end) => this.name(end)).join(" → ");
      return business.name ? `${business.name} (${ends})` : ends;
    }
    return business.name || this.kind(element);
  }

  kind(element) {
    const known = this.texts.kinds[element.type.replace(/^bpmn:./, (start) => start.slice(5).toLowerCase())];
    const others = {
      "bpmn:SequenceFlow": this.words.flow,
      "bpmn:Lane": this.words.lane,
      "bpmn:Participant": this.words.process,
    };
    return known ?? others[element.type] ?? element.type;
  }

  nodes() {
    return this.registry.filter((element) => this.subset.isNode(element));
  }

  render() {
    const element = this.chosen;
    const isSame = element?.id === this.shown;
    // What is being typed or picked in the fields of an element outlives a change of it.
    const kept = isSame ? this.underway() : new Map();
    const focused = document.activeElement?.closest?.("[data-field]")?.dataset.field;
    const fields = element === null ? [make("p", { className: "tk-muted", textContent: this.words.nothing })] : this.fields(element);
    this.root.replaceChildren(this.chooser(element), ...fields);
    this.shown = element?.id;
    for (const [field, value] of kept) this.field(field).value = value;
    if (focused) this.field(focused).focus?.();
  }

  field(name) {
    return this.root.querySelector(`[data-field="${CSS.escape(name)}"]`) ?? {};
  }

  underway() {
    const typed = [...this.root.querySelectorAll("input, textarea")].filter(
      (control) => control.type !== "checkbox" && control === document.activeElement && control.value !== control.defaultValue,
    );
    const picked = [...this.root.querySelectorAll(".tk-picker select")].filter(({ value }) => value);
    return new Map([...typed, ...picked].map((control) => [control.dataset.field, control.value]));
  }

  chooser(chosen) {
    const all = [
      ...this.registry.filter(({ type }) => type === "bpmn:Participant" || type === "bpmn:Lane"),
      ...this.nodes(),
      ...this.registry.filter(({ type }) => type === "bpmn:SequenceFlow"),
    ];
    const options = all.map((element) => ({ value: element.id, label: `${this.name(element)} – ${this.kind(element)}` }));
    return this.select("element", this.words.element, options, chosen?.id ?? "", (id) => {
      if (this.registry.get(id)) this.choose(this.registry.get(id));
    });
  }

  // --- what an element has -------------------------------------------------------------------

  set(element, properties) {
    this.modeling.updateProperties(element, properties);
  }

  own(element, field, label, options = {}) {
    const name = `trinhky:${field}`;
    const keep = (value) => this.set(element, { [name]: value || undefined });
    return this.text(field, label, element.businessObject.get(name), keep, options);
  }

  fields(element) {
    const business = element.businessObject;
    const fields = [
      make(
        "p",
        { className: "tk-muted" },
        `${this.kind(element)} · ${this.words.id} `,
        make("span", { className: "tk-digest", textContent: element.id }),
      ),
      this.text("name", this.words.name, business.name, (name) => this.set(element, { name: name || undefined })),
    ];
    const more = {
      "bpmn:UserTask": () => this.workFields(element),
      "bpmn:ServiceTask": () => [this.idField(element, "operation", this.words.operation, this.choices.operations)],
      "bpmn:BusinessRuleTask": () => [this.decisionField(element)],
      "bpmn:CallActivity": () => this.callFields(element),
      "bpmn:ExclusiveGateway": () => this.gatewayFields(element),
      "bpmn:SequenceFlow": () => this.flowFields(element),
      "bpmn:Lane": () => [this.idField(element, "role", this.words.role, this.choices.roles, true)],
    };
    fields.push(...(more[element.type]?.() ?? []));
    if (business.eventDefinitions?.length) fields.push(...this.eventFields(element, business.eventDefinitions[0]));
    fields.push(...this.actions(element));
    return fields;
  }

  workFields(element) {
    const business = element.businessObject;
    const others = this.nodes().filter(({ type, id }) => type === "bpmn:UserTask" && id !== element.id);
    const options = others.map((other) => ({ value: other.id, label: this.name(other) }));
    const back = (business.get("trinhky:returnsTo") ?? "").split(/\s+/).filter(Boolean);
    // A step that has been deleted stays on the list until it is unticked.
    const gone = back.filter((id) => !options.some(({ value }) => value === id));
    options.push(...gone.map((id) => ({ value: id, label: id })));
    const rule = business.get("trinhky:rule") || business.id;
    const keepRule = (value) => this.set(element, { "trinhky:rule": value && value !== business.id ? value : undefined });
    return [
      this.select("rule", this.words.rule, this.choices.rules, rule, keepRule, this.words.rule_hint),
      this.own(element, "due", this.words.due, { hint: this.words.due_hint }),
      this.checks("returnsTo", this.words.returns, options, back, (ids) => {
        this.set(element, { "trinhky:returnsTo": ids.join(" ") || undefined });
      }),
    ];
  }

  /** Offer what an id may be; an id stands once in a drawing. */
  idField(element, field, label, all, named = false) {
    const free = all.filter(({ value }) => value === element.id || !this.registry.get(value));
    return this.select(field, label, free, element.id, (id) => {
      if (!id || id === element.id || this.registry.get(id)) return;
      const name = named && !element.businessObject.name ? { name: all.find(({ value }) => value === id).label } : {};
      this.set(element, { id, ...name });
    });
  }

  decisionField(element) {
    const chosen = element.businessObject.get("trinhky:decision");
    const keep = (id) => this.set(element, { "trinhky:decision": id || undefined });
    return this.select("decision", this.words.decision, this.choices.decisions, chosen, keep);
  }

  callFields(element) {
    const business = element.businessObject;
    const moddle = this.modeler.get("moddle");
    // What starts the many is an operation of the house, known by the id.
    const starter = business.loopCharacteristics ? [this.idField(element, "operation", this.words.operation, this.choices.operations)] : [];
    return [
      ...starter,
      this.select("called", this.words.called, this.choices.procedures, business.calledElement, (id) => {
        this.set(element, { calledElement: id || undefined });
      }),
      this.own(element, "passes", this.words.passes, { hint: this.dataHint() }),
      this.own(element, "takes", this.words.takes),
      this.check("many", this.words.many, Boolean(business.loopCharacteristics), (many) => {
        const loopCharacteristics = many ? moddle.create("bpmn:MultiInstanceLoopCharacteristics") : undefined;
        this.set(element, { loopCharacteristics });
      }),
    ];
  }

  gatewayFields(element) {
    const business = element.businessObject;
    const leaving = element.outgoing.filter(({ type }) => type === "bpmn:SequenceFlow");
    if (leaving.length < 2) return [];
    const options = leaving.map((flow) => ({ value: flow.id, label: this.name(flow) }));
    const keep = (id) => this.set(element, { default: this.registry.get(id)?.businessObject });
    return [this.select("default", this.words.default, options, business.default?.id, keep, this.words.default_hint)];
  }

  flowFields(element) {
    const { source, businessObject } = element;
    if (source.type !== "bpmn:ExclusiveGateway" || source.outgoing.length < 2) return [];
    const isDefault = source.businessObject.default === businessObject;
    const fields = [
      this.check("is_default", this.words.is_default, isDefault, (checked) => {
        this.set(source, { default: checked ? businessObject : undefined });
        if (checked && businessObject.conditionExpression) this.set(element, { conditionExpression: undefined });
      }),
    ];
    if (isDefault) return fields;
    const hint = `${this.words.condition_hint} ${this.dataHint()}`;
    const keep = (body) => this.set(element, { conditionExpression: this.expression(body) });
    return [...fields, this.text("condition", this.words.condition, businessObject.conditionExpression?.body, keep, { hint, long: true })];
  }

  eventFields(element, definition) {
    const fields = definition.$type === TIMER ? this.timerFields(element, definition) : this.messageFields(element, definition);
    if (element.type === "bpmn:BoundaryEvent") {
      const keep = (cancelActivity) => this.set(element, { cancelActivity });
      fields.push(this.check("interrupts", this.words.interrupts, element.businessObject.cancelActivity !== false, keep));
    }
    return fields;
  }

  timerFields(element, definition) {
    const isMoment = Boolean(definition.timeDate);
    const body = (definition.timeDate ?? definition.timeDuration)?.body ?? "";
    const keep = (text, moment) => {
      const expression = this.expression(text, definition);
      const [timeDate, timeDuration] = moment ? [expression, undefined] : [undefined, expression];
      this.modeling.updateModdleProperties(element, definition, { timeDate, timeDuration });
    };
    const kinds = [
      { value: "after", label: this.words.after },
      { value: "moment", label: this.words.moment },
    ];
    return [
      this.select("timer_kind", this.words.timer_kind, kinds, isMoment ? "moment" : "after", (kind) => {
        // An empty text keeps the choice until it is filled in.
        keep(body || " ", kind === "moment");
      }),
      this.text("timer", this.words[isMoment ? "moment" : "timer"], body.trim(), (text) => keep(text, isMoment), {
        hint: this.words[isMoment ? "moment_hint" : "due_hint"],
      }),
    ];
  }

  messageFields(element, definition) {
    return [
      this.text("message", this.words.message, definition.messageRef?.name, (name) => {
        const messageRef = name ? this.message(element, name) : undefined;
        this.modeling.updateModdleProperties(element, definition, { messageRef });
      }),
      this.own(element, "correlation", this.words.correlation, { hint: this.words.correlation_hint }),
      this.own(element, "payload", this.words.payload, { hint: this.dataHint() }),
    ];
  }

  /** Return the message of the file with a name; a new one if there is none. */
  message(element, name) {
    const definitions = this.modeler.getDefinitions();
    const known = definitions.rootElements.find((each) => each.$type === "bpmn:Message" && each.name === name);
    if (known) return known;
    const moddle = this.modeler.get("moddle");
    const message = moddle.create("bpmn:Message", { name });
    message.id = moddle.ids.nextPrefixed("message_", message);
    message.$parent = definitions;
    const rootElements = [...definitions.rootElements, message];
    this.modeling.updateModdleProperties(element, definitions, { rootElements });
    return message;
  }

  expression(body, parent = null) {
    if (!body) return undefined;
    const expression = this.modeler.get("moddle").create("bpmn:FormalExpression", { body });
    if (parent) expression.$parent = parent;
    return expression;
  }

  dataHint() {
    return this.words.data.replace("{names}", this.choices.data.join(", "));
  }

  // --- what can be done with it ----------------------------------------------------------------

  actions(element) {
    const fields = [];
    if (this.subset.mayLeave(element)) fields.push(this.appender(element), this.connector(element));
    if (element.type === "bpmn:UserTask") fields.push(this.attacher(element));
    const turned = this.turner(element);
    if (turned) fields.push(turned);
    const buttons = make("div", { className: "tk-actions" });
    if (["bpmn:Lane", "bpmn:Participant"].includes(element.type)) {
      buttons.append(
        this.button(this.words.lane_above, () => this.choose(this.modeling.addLane(element, "top"))),
        this.button(this.words.lane_below, () => this.choose(this.modeling.addLane(element, "bottom"))),
      );
    }
    if (element.type !== "bpmn:Participant") {
      buttons.append(this.button(this.words.remove, () => this.modeling.removeElements([element]), "btn-danger"));
    }
    return [...fields, buttons];
  }

  options(kinds) {
    return kinds.map((kind) => ({ value: kind.icon, label: this.subset.kindName(kind, this.texts) }));
  }

  appender(element) {
    const { KINDS, newShape } = this.subset;
    return this.picker("append", this.words.append, this.options(KINDS), this.words.append_button, (icon) => {
      const kind = KINDS.find((each) => each.icon === icon);
      const shape = this.modeler.get("autoPlace").append(element, newShape(this.modeler.get("elementFactory"), kind));
      this.modeler.get("directEditing").cancel();
      this.choose(shape);
    });
  }

  connector(element) {
    const taken = new Set(element.outgoing.map(({ target }) => target?.id));
    const targets = this.nodes().filter(
      ({ id, type }) => id !== element.id && !taken.has(id) && type !== "bpmn:StartEvent" && type !== "bpmn:BoundaryEvent",
    );
    const options = targets.map((target) => ({ value: target.id, label: this.name(target) }));
    return this.picker("connect", this.words.connect, options, this.words.connect_button, (id) => {
      this.choose(this.modeling.connect(element, this.registry.get(id), { type: "bpmn:SequenceFlow" }));
    });
  }

  attacher(element) {
    const kinds = [
      { value: TIMER, label: this.words.attach_timer },
      { value: "bpmn:MessageEventDefinition", label: this.words.attach_message },
    ];
    return this.picker("attach", this.words.boundary, kinds, this.words.append_button, (eventDefinitionType) => {
      const shape = this.modeler.get("elementFactory").createShape({ type: "bpmn:BoundaryEvent", eventDefinitionType });
      const place = { x: element.x + 24 + 40 * element.attachers.length, y: element.y + element.height };
      this.choose(this.modeling.createShape(shape, place, element, { attach: true }));
    });
  }

  turner(element) {
    const { KINDS } = this.subset;
    const definition = element.businessObject.eventDefinitions?.[0]?.$type;
    const own = KINDS.find(({ type, eventDefinitionType }) => type === element.type && eventDefinitionType === definition);
    const others = KINDS.filter((kind) => own && kind !== own && kind.family === own.family);
    if (others.length === 0) return null;
    return this.picker("turn_into", this.words.turn_into, this.options(others), this.words.turn_into, (icon) => {
      const { type, eventDefinitionType } = KINDS.find((kind) => kind.icon === icon);
      this.choose(this.modeler.get("bpmnReplace").replaceElement(element, { type, eventDefinitionType }));
    });
  }
};
