// Which view is shown is in the address: #map, #project=NAME, #tree=NAME.

function views(hash) {
  const [kind, name = ""] = hash.slice(1).split("=");
  if (kind === "project") return projectView(decoded(name));
  if (kind === "tree") return treeView(decoded(name));
  return mapView();
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function show() {
  const view = document.getElementById("view");
  document.getElementById("back").hidden = !/^#(project|tree)=/.test(location.hash);
  view.replaceChildren(...views(location.hash));
  if (location.hash.length > 1) view.focus({ preventScroll: true });
}

function summary() {
  const conflicts = facts.rows.filter(isConflict).length;
  const distributions = facts.rows.reduce((sum, row) => sum + row.versions.length, 0);
  const texts = [count(facts.trees.length, "tree"), count(distributions, "distribution"),
    conflicts ? `${count(conflicts, "project")} in several versions` : "one version of everything", facts.python];
  const { disk, together } = facts;
  if (disk) texts.push(`${size(disk)} on disk`);
  if (together?.grown) texts.push(`${size(together.grown)} after the import of all trees`);
  return texts.join(" · ");
}

document.title = `${facts.project || "mvlock"}: map`;
document.getElementById("title").append(facts.project || "mvlock");
document.getElementById("summary").append(summary());
addEventListener("hashchange", show);
addEventListener("keydown", (event) => {
  const typing = event.target.tagName === "INPUT";
  if (event.key === "Escape" && location.hash.length > 1) location.hash = "#map";
  if (event.key === "/" && !typing) {
    event.preventDefault();
    document.querySelector("input[type=search]")?.focus();
  }
});
show();
