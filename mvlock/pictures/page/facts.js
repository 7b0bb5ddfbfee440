// The picture (mvlock/pictures/model.py), and look-ups in it.

const facts = JSON.parse(document.getElementById("facts").textContent);
const rowsByProject = new Map(facts.rows.map((row) => [row.project, row]));
const treesByName = new Map(facts.trees.map((tree) => [tree.name, tree]));
const numberOf = new Map(facts.trees.map((tree, number) => [tree.name, number]));

const isConflict = (row) => row.versions.length > 1;
const modulesOf = (row) => new Set(row.cells.map((cell) => cell.module)).size;

/** The names of the trees in which a cell is one module with others. */
function sharers(row, cell) {
  return row.cells.filter((other) => other.module === cell.module).map((other) => facts.trees[other.tree].name);
}

/** The cell of a project in a tree. */
function cellOf(project, tree) {
  return rowsByProject.get(project)?.cells.find((cell) => cell.tree === tree);
}

/** The colour of a version: its place among those here, then those of other environments; a single one has none. */
function colour(row, version) {
  const elsewhere = facts.reasons[row.project]?.versions.map((one) => one.version) ?? [];
  const versions = [...new Set([...row.versions, ...elsewhere])];
  return versions.length > 1 ? `v${versions.indexOf(version) % 6}` : "same";
}

/** The stretches of a row: neighbouring cells of one module, empty cells, and gaps that a module reaches across. */
function stretches(row) {
  const found = [];
  let at = 0;
  row.cells.forEach((cell, number) => {
    const last = row.cells[number - 1];
    const joined = last?.module === cell.module;
    for (; at < cell.tree; at++) found.push({ kind: joined ? "gap" : "empty" });
    if (joined && last.tree === cell.tree - 1) found[found.length - 1].cells.push(cell);
    else found.push({ kind: "bar", cells: [cell], from: joined });
    if (joined && last.tree < cell.tree - 1) found.findLast((one) => one.kind === "bar" && one.cells.includes(last)).to = true;
    at = cell.tree + 1;
  });
  for (; at < facts.trees.length; at++) found.push({ kind: "empty" });
  return found;
}

/** "pyproject.toml:12", or the key if the line is not known. */
function placeText(entry) {
  if (!entry) return "";
  return entry.line ? `pyproject.toml:${entry.line}` : `pyproject.toml, ${entry.key}`;
}

/** What a tree takes on disk. */
const diskOf = (tree) => (tree.weight ? tree.weight.own + tree.weight.shared : 0);
