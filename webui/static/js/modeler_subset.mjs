// Keeps the editor to the elements the engine runs: what may be drawn, and our own attributes.
// js/modeler.mjs imports it; the linter on the server has the last word.

const attribute = (name) => ({ name, isAttr: true, type: "String" });

/** Our attributes of each element, so that they are read, kept and written with their prefix. */
export const DESCRIPTOR = {
  name: "Trinhky",
  uri: "urn:trinhky:bpmn:1",
  prefix: "trinhky",
  xml: { tagAlias: "lowerCase" },
  types: [
    { name: "Work", extends: ["bpmn:UserTask"], properties: ["rule", "due", "returnsTo"].map(attribute) },
    { name: "Decided", extends: ["bpmn:BusinessRuleTask"], properties: [attribute("decision")] },
    { name: "Calling", extends: ["bpmn:CallActivity"], properties: ["passes", "takes"].map(attribute) },
    {
      name: "Messaging",
      extends: ["bpmn:CatchEvent", "bpmn:ThrowEvent"],
      properties: ["correlation", "payload"].map(attribute),
    },
  ],
};

const TIMER = "bpmn:TimerEventDefinition";
const MESSAGE = "bpmn:MessageEventDefinition";

/** What may follow a node, in the order of the palette; `text` names a word of the panel. */
export const KINDS = [
  { type: "bpmn:UserTask", kind: "userTask", icon: "user-task", family: "task" },
  { type: "bpmn:ServiceTask", kind: "serviceTask", icon: "service-task", family: "task" },
  { type: "bpmn:BusinessRuleTask", kind: "businessRuleTask", icon: "business-rule-task", family: "task" },
  { type: "bpmn:CallActivity", kind: "callActivity", icon: "call-activity", family: "task" },
  { type: "bpmn:ExclusiveGateway", kind: "exclusiveGateway", icon: "gateway-xor", family: "gateway" },
  { type: "bpmn:ParallelGateway", kind: "parallelGateway", icon: "gateway-parallel", family: "gateway" },
  {
    type: "bpmn:IntermediateCatchEvent",
    eventDefinitionType: TIMER,
    text: "catch_timer",
    icon: "intermediate-event-catch-timer",
    family: "event",
  },
  {
    type: "bpmn:IntermediateCatchEvent",
    eventDefinitionType: MESSAGE,
    text: "catch_message",
    icon: "intermediate-event-catch-message",
    family: "event",
  },
  {
    type: "bpmn:IntermediateThrowEvent",
    eventDefinitionType: MESSAGE,
    text: "throw",
    icon: "intermediate-event-throw-message",
    family: "event",
  },
  { type: "bpmn:EndEvent", kind: "endEvent", icon: "end-event-none", family: "end" },
];

const START = { type: "bpmn:StartEvent", kind: "startEvent", icon: "start-event-none", family: "start" };

export function kindName(kind, texts) {
  return kind.text ? texts.panel[kind.text] : texts.kinds[kind.kind];
}

/** Return the shape of a kind, not yet in the drawing. */
export function newShape(elementFactory, { type, eventDefinitionType }) {
  return elementFactory.createShape(eventDefinitionType ? { type, eventDefinitionType } : { type });
}

export function isNode(element) {
  return !element.labelTarget && element.businessObject?.$instanceOf?.("bpmn:FlowNode");
}

export function mayLeave(element) {
  return isNode(element) && element.type !== "bpmn:EndEvent";
}

/** Return the modules that take the place of the library's own palette, pads and words. */
export function subset(texts) {
  class Palette {
    static $inject = ["palette", "create", "elementFactory", "handTool", "lassoTool", "spaceTool", "globalConnect"];

    constructor(palette, create, elementFactory, handTool, lassoTool, spaceTool, globalConnect) {
      Object.assign(this, { create, elementFactory, handTool, lassoTool, spaceTool, globalConnect });
      palette.registerProvider(this);
    }

    getPaletteEntries() {
      const words = texts.panel;
      const tool = (icon, title, click) => ({ group: "tools", className: `bpmn-icon-${icon}`, title, action: { click } });
      const entries = {
        hand: tool("hand-tool", words.hand, (event) => this.handTool.activateHand(event)),
        lasso: tool("lasso-tool", words.lasso, (event) => this.lassoTool.activateSelection(event)),
        space: tool("space-tool", words.space, (event) => this.spaceTool.activateSelection(event)),
        connect: tool("connection-multi", words.connect_tool, (event) => this.globalConnect.start(event)),
        separator: { group: "tools", separator: true },
      };
      for (const kind of [START, ...KINDS]) {
        const start = (event) => this.create.start(event, newShape(this.elementFactory, kind));
        entries[`create.${kind.icon}`] = {
          group: kind.family,
          className: `bpmn-icon-${kind.icon}`,
          title: kindName(kind, texts),
          action: { dragstart: start, click: start },
        };
      }
      return entries;
    }
  }

  class ContextPad {
    static $inject = ["contextPad", "modeling", "elementFactory", "connect", "create", "autoPlace"];

    constructor(contextPad, modeling, elementFactory, connect, create, autoPlace) {
      Object.assign(this, { contextPad, modeling, elementFactory, connect, create, autoPlace });
      contextPad.registerProvider(this);
    }

    getMultiElementContextPadEntries(elements) {
      return { remove: this.removing(() => elements.slice()) };
    }

    getContextPadEntries(element) {
      const entries = {};
      if (mayLeave(element)) {
        for (const kind of KINDS) entries[`append.${kind.icon}`] = this.appending(element, kind);
        const start = (event) => this.connect.start(event, element);
        entries.connect = {
          group: "connect",
          className: "bpmn-icon-connection-multi",
          title: texts.panel.connect,
          action: { click: start, dragstart: start },
        };
      }
      if (["bpmn:Lane", "bpmn:Participant"].includes(element.type)) {
        entries.above = this.laning(element, "top", "above", texts.panel.lane_above);
        entries.below = this.laning(element, "bottom", "below", texts.panel.lane_below);
      }
      if (element.type !== "bpmn:Participant") entries.remove = this.removing(() => [element]);
      return entries;
    }

    appending(element, kind) {
      return {
        group: "model",
        className: `bpmn-icon-${kind.icon}`,
        title: kindName(kind, texts),
        action: {
          click: () => this.autoPlace.append(element, newShape(this.elementFactory, kind)),
          dragstart: (event) => this.create.start(event, newShape(this.elementFactory, kind), { source: element }),
        },
      };
    }

    laning(element, side, icon, title) {
      return {
        group: `lane-${icon}`,
        className: `bpmn-icon-lane-insert-${icon}`,
        title,
        action: { click: () => this.modeling.addLane(element, side) },
      };
    }

    removing(elements) {
      return {
        group: "edit",
        className: "bpmn-icon-trash",
        title: texts.panel.remove,
        action: { click: () => this.modeling.removeElements(elements()) },
      };
    }
  }

  // These menus bring drawings with styles inside, which the page's policy refuses.
  const none = ["value", null];
  return {
    paletteProvider: ["type", Palette],
    contextPadProvider: ["type", ContextPad],
    alignElementsContextPadProvider: none,
    alignElementsMenuProvider: none,
    distributeElementsMenuProvider: none,
    replaceMenuProvider: none,
    translate: ["value", (template, values) => fill(texts.library[template] ?? template, values ?? {})],
  };
}

function fill(text, values) {
  return text.replace(/\{([^}]+)\}/g, (whole, name) => values[name] ?? whole);
}
