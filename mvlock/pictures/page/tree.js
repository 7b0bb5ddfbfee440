// The page of a tree: what it weighs, its graph alone, a search, and the path from one distribution to another.

function treeView(name) {
  const tree = treesByName.get(name);
  if (!tree) return [element("div", { class: "page" }, `The lock has no tree ${name}.`)];
  const graph = new TreeGraph(tree);
  return [
    element("div", { class: "page about" },
      element("h2", {}, tree.name), element("p", { class: "dim" }, treeNote(tree)),
      requirementList(tree), weights(tree)),
    graph.tools(), graph.view(),
  ];
}

function treeNote(tree) {
  return [tree.note, facts.worlds[tree.world].text, count(tree.members.length, "distribution")].filter(Boolean).join(" · ");
}

function requirementList(tree) {
  return element("p", {}, tree.requirements.map((one, number) => [number ? ", " : "requires ", element("code", {}, one.text),
    one.entry ? element("span", { class: "dim" }, ` (${placeText(one.entry)})`) : ""]));
}

function weights(tree) {
  const part = (term, value, note = "") => element("div", { title: note }, element("dt", {}, term), element("dd", {}, value));
  const { weight } = tree;
  return element("dl", {}, weight
    ? [part("on disk", size(diskOf(tree))), part("of this tree alone", size(weight.own), "no other tree has these files"),
      part("shared", size(weight.shared), "hard links: other trees have the same files"),
      part("native copies", size(weight.native), "of native files that are loaded more than once")]
    : part("on disk", "not installed"), part("memory", memoryText(tree.memory)));
}

function memoryText(memory) {
  if (!memory) return "not measured (mvlock graph --html --memory does)";
  if (memory.grown === null) return `not measured: ${memory.problem}`;
  const more = memory.modules.length > 3 ? ` and ${memory.modules.length - 3} more` : "";
  return `${size(memory.grown)} after import ${memory.modules.slice(0, 3).join(", ")}${more}${memory.problem ? `; ${memory.problem}` : ""}`;
}

function rightwards(a, b) {
  const x = a.x + a.width, y = a.y + NODE.height / 2, end = b.y + NODE.height / 2;
  const bend = Math.max(30, Math.abs(b.x - x) / 2);
  return `M${x},${y} C${x + bend},${y} ${b.x - bend},${end} ${b.x},${end}`;
}

function upright(a, b) {
  const down = a.y <= b.y;
  const x = a.x + a.width / 2, y = a.y + (down ? NODE.height : 0), end = b.x + b.width / 2, to = b.y + (down ? 0 : NODE.height);
  const bend = (down ? 1 : -1) * Math.max(16, Math.abs(to - y) / 2);
  return `M${x},${y} C${x},${y + bend} ${end},${to - bend} ${end},${to}`;
}

class TreeGraph {
  constructor(tree) {
    this.tree = tree;
    const number = numberOf.get(tree.name);
    this.nodes = [{ id: "", text: tree.name, shared: false }, ...tree.members.map((member) => ({
      id: member.project, text: `${member.project} ${member.version}`, sharers: this.sharersOf(member, number),
    }))];
    for (const node of this.nodes) node.shared = (node.sharers?.length ?? 1) > 1 && !tree.requirements.some((one) => one.project === node.id);
    const present = new Set(tree.members.map((member) => member.project));
    this.edges = [...new Set(tree.requirements.map((one) => one.project))].filter((one) => present.has(one)).map((one) => ["", one])
      .concat(tree.members.flatMap((member) => member.needs.map((need) => [member.project, need])));
    this.from = "";
    this.to = null;
  }

  sharersOf(member, number) {
    const row = rowsByProject.get(member.project);
    return sharers(row, cellOf(member.project, number));
  }

  tools() {
    const list = element("datalist", { id: "nodes" }, this.nodes.map((node) => element("option", { value: node.id || this.tree.name })));
    const field = (id, text, input) => element("label", {}, text, element("input", { type: "text", id, list: "nodes", size: 18, input }));
    this.way = element("p", { id: "way", class: "dim", role: "status" });
    const search = element("input", { type: "search", id: "search", placeholder: "search  ( / )", input: (event) => this.find(event.target.value) });
    search.setAttribute("aria-label", "search");
    return element("div", { class: "tools" }, list, search,
      field("from", "path from", (event) => this.select(this.idOf(event.target.value) ?? "", this.to)),
      field("to", "to", (event) => this.select(this.from, this.idOf(event.target.value))), this.way);
  }

  /** The node that a text names; null if there is none. */
  idOf(text) {
    const wanted = text.trim().toLowerCase();
    if (wanted === this.tree.name) return "";
    return this.nodes.find((node) => node.id === wanted)?.id ?? null;
  }

  view() {
    const { places, edge, width, height } = layout(this.nodes, this.edges, document.documentElement.clientWidth - 20);
    this.places = places;
    this.lines = new Map();
    this.boxes = new Map();
    const shared = new Set(this.nodes.filter((node) => node.shared).map((node) => node.id));
    const paths = this.edges.map((one) => this.path(one, shared));
    const band = shared.size ? [drawn("rect", { class: "edge", x: 8, y: edge, width: width - 16, height: height - edge - 4, rx: 6 }),
      drawn("text", { class: "dim", x: 20, y: edge + 18 }, `one module with other trees: ${shared.size}`)] : [];
    this.image = drawn("svg", { width, height, role: "group" }, band, paths, this.nodes.map((node) => this.box(node)));
    this.show();
    return element("div", { class: "graph" }, this.image);
  }

  path([from, to], shared) {
    const a = this.places.get(from), b = this.places.get(to);
    const ends = [from, to].filter((id) => shared.has(id)).length;
    const line = drawn("path", { class: ["", "faint", "inside"][ends], d: ends ? upright(a, b) : rightwards(a, b) });
    this.lines.set(`${from}\n${to}`, line);
    return line;
  }

  box(node) {
    const { x, y, width } = this.places.get(node.id);
    const others = (node.sharers ?? []).filter((name) => name !== this.tree.name);
    const text = others.length ? `${node.text}, one module with ${others.join(", ")}` : node.text;
    const choose = () => this.select(this.from, node.id);
    const pressed = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } };
    const box = drawn("g", { class: `node${node.id ? "" : " root"}${node.shared ? " shared" : ""}`, tabindex: 0, role: "button",
      click: choose, keydown: pressed, dblclick: () => node.id && go("project", node.id) },
      hint(text), drawn("rect", { x, y, width, height: NODE.height, rx: 4 }),
      drawn("text", { x: x + NODE.pad / 2, y: y + 15 }, node.text));
    this.boxes.set(node.id, box);
    return box;
  }

  select(from, to) {
    this.from = from;
    this.to = to;
    document.getElementById("from").value = from || this.tree.name;
    if (to !== null) document.getElementById("to").value = to || this.tree.name;
    this.show();
  }

  /** Highlight the shortest path, or show everything alike. */
  show() {
    const way = this.to === null ? null : this.shortest(this.from, this.to);
    const on = new Set(way ?? []);
    const lines = new Set((way ?? []).slice(1).map((id, number) => `${way[number]}\n${id}`));
    for (const [id, box] of this.boxes) {
      box.classList.toggle("on", on.has(id));
      box.classList.toggle("off", on.size > 0 && !on.has(id));
    }
    this.image.classList.toggle("chosen", way !== null);
    for (const [key, line] of this.lines) line.classList.toggle("on", lines.has(key));
    this.way.replaceChildren(...this.wayText(way));
    if (way) this.boxes.get(this.to).scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  wayText(way) {
    if (this.to === null) return ["Click a distribution for the path to it; twice for its versions everywhere."];
    const text = (id) => this.nodes.find((node) => node.id === id).text;
    if (!way) return [`There is no path from ${text(this.from)} to ${text(this.to)}.`];
    const more = this.to ? element("a", { href: link("project", this.to) }, `${this.to} in all trees`) : "";
    return [way.map(text).join(" → "), "  ", more].filter(Boolean);
  }

  shortest(from, to) {
    const before = new Map([[from, null]]);
    for (const id of before.keys()) {
      if (id === to) break;
      for (const [start, end] of this.edges) if (start === id && !before.has(end)) before.set(end, id);
    }
    if (!before.has(to)) return null;
    const way = [];
    for (let id = to; id !== null; id = before.get(id)) way.unshift(id);
    return way;
  }

  find(text) {
    const wanted = text.trim().toLowerCase();
    let first = null;
    for (const [id, box] of this.boxes) {
      const found = wanted !== "" && id.includes(wanted);
      box.classList.toggle("found", found);
      if (found) first ??= box;
    }
    first?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
