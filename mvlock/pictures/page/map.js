// The map: a row for each project, a column for each tree, a bar for each module.

const filter = { text: "", single: false, conflicts: false };

function mapView() {
  const body = element("tbody");
  const fill = () => body.replaceChildren(...mapRows());
  fill();
  return [
    element("div", { class: "tools" }, filterField(fill), checkbox("several versions only", "conflicts", fill),
      checkbox("also what only one tree has", "single", fill), legend()),
    element("div", { class: "scroll" }, mapTable(body)),
  ];
}

function mapTable(body) {
  const columns = ["names", ...facts.trees.map(() => "tree"), "end"].map((one) => element("col", { class: one }));
  const table = element("table", { class: "map", keydown: arrows }, element("colgroup", {}, columns), mapHead(), body);
  table.style.setProperty("--trees", facts.trees.length);
  return table;
}

function filterField(fill) {
  const changed = (event) => { filter.text = event.target.value; fill(); };
  const field = element("input", { type: "search", id: "filter", placeholder: "filter projects  ( / )", input: changed });
  field.value = filter.text;
  field.setAttribute("aria-label", "filter projects");
  return field;
}

function checkbox(text, key, fill) {
  const box = element("input", { type: "checkbox", id: key, change: (event) => { filter[key] = event.target.checked; fill(); } });
  box.checked = filter[key];
  return element("label", {}, box, text);
}

function legend() {
  const sample = (kind, ...classes) => element("i", { class: `sample ${kind}` }, classes.map((one) => element("i", { class: one })));
  return element("div", { class: "legend" },
    element("span", {}, sample("one", "same"), "one module"),
    element("span", {}, sample("two", "same", "same"), "a module each"),
    element("span", {}, sample("two", "v0", "v1"), "several versions"),
    facts.installed ? "" : element("span", { class: "warn" }, "not installed: what is one module is expected from the lock"));
}

function mapHead() {
  const columns = facts.trees.map((tree) => element("th", { class: "column", scope: "col" },
    element("button", { click: () => go("tree", tree.name), title: treeTitle(tree) }, tree.name)));
  const worlds = facts.worlds.map((world) => element("th",
    { colspan: world.trees.length, class: world.text.startsWith("the main") ? "" : "alone", title: world.text },
    element("div", {}, world.trees.length > 2 ? world.text : world.trees.length > 1 ? "another" : "alone")));
  return element("thead", {},
    element("tr", {}, element("th", { class: "corner", rowspan: facts.disk ? 3 : 2, id: "shown" }), columns, element("th")),
    element("tr", { class: "worlds" }, worlds, element("th")),
    facts.disk ? mapWeights() : "");
}

function mapWeights() {
  return element("tr", { class: "weights" }, facts.trees.map((tree) => element("th", { title: "on disk, with what other trees share" },
    tree.weight ? size(diskOf(tree)) : "–")), element("th", {}, "on disk"));
}

function treeTitle(tree) {
  const weight = tree.weight ? `, ${size(diskOf(tree))}` : "";
  return `${tree.name}${tree.note ? ` (${tree.note})` : ""}: ${count(tree.members.length, "distribution")}${weight}`;
}

function mapRows() {
  const wanted = filter.text.trim().toLowerCase();
  const rows = facts.rows.filter((row) => row.project.includes(wanted) && (!filter.conflicts || isConflict(row)) &&
    (row.cells.length > 1 || filter.single));
  queueMicrotask(() => { document.getElementById("shown").textContent = count(rows.length, "project"); });
  if (rows.length === 0) return [element("tr", {}, element("td", { class: "none", colspan: facts.trees.length + 2 }, nothing(wanted)))];
  return rows.map(mapRow);
}

function nothing(wanted) {
  if (!facts.rows.length) return "The lock has no distributions.";
  return wanted && !filter.single ? "No project of several trees matches." : "No project matches.";
}

function mapRow(row) {
  const name = isConflict(row) ? element("b", {}, row.project) : row.project;
  const open = () => go("project", row.project);
  return element("tr", {},
    element("th", { scope: "row" }, element("button", { click: open, title: rowTitle(row) }, name)),
    stretches(row).map((stretch) => mapCell(row, stretch, open)));
}

function rowTitle(row) {
  return `${row.project} ${row.versions.join(", ")}: ${count(row.cells.length, "tree")}, ${count(modulesOf(row), "module")}`;
}

function mapCell(row, stretch, open) {
  if (stretch.kind !== "bar") return element("td", { class: stretch.kind });
  const [first] = stretch.cells;
  const others = sharers(row, first);
  const where = others.length > 1 ? `one module in ${others.join(", ")}` : `in ${others[0]} alone`;
  const classes = ["bar", isConflict(row) ? colour(row, first.version) : "same", stretch.from ? "from" : "", stretch.to ? "to" : ""].join(" ");
  return element("td", { colspan: stretch.cells.length }, element("div",
    { class: classes, click: open, title: `${row.project} ${first.version}: ${where}` }, element("span", {}, first.version)));
}

/** Arrow keys move among the names of the rows, and among those of the columns. */
function arrows(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const part = event.target.closest("thead, tbody");
  if (!step || event.target.tagName !== "BUTTON") return;
  const buttons = [...part.querySelectorAll("button")];
  const next = buttons[buttons.indexOf(event.target) + step];
  if (next) { event.preventDefault(); next.focus(); }
}
