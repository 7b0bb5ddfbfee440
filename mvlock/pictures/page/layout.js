// Where the nodes of a tree's graph go: layers from left to right; what other trees share is at the lower edge.
// The usual steps for layered graphs: break cycles, longest path gives the layer, barycentres the order.

const NODE = { height: 22, above: 7, between: 56, pad: 18 };

/** Places for nodes ({ id, text, shared }) and edges ([from, to]); the first node is the root. */
function layout(nodes, edges, wide) {
  const following = new Map(nodes.map((node) => [node.id, []]));
  for (const [from, to] of edges) following.get(from).push(to);
  const layer = layersOf(nodes[0].id, following);
  const columns = columnsOf(nodes.filter((node) => !node.shared), layer);
  order(columns, edges);
  const places = new Map();
  const width = Math.max(placeColumns(columns, places), wide);
  const edge = Math.max(...[...places.values()].map((place) => place.y)) + NODE.height + 40;
  const shared = nodes.filter((node) => node.shared).sort((a, b) => layer.get(a.id) - layer.get(b.id) || (a.id < b.id ? -1 : 1));
  const height = placeShared(shared, places, edge + 28, width);
  return { places, edge, width, height };
}

/** The length of the longest path to each node; an edge back to a node on the way does not count. */
function layersOf(root, following) {
  const done = [], state = new Map();
  const visit = (id) => {
    state.set(id, "open");
    for (const next of following.get(id)) if (!state.has(next)) visit(next);
    state.set(id, "done");
    done.push(id);
  };
  for (const id of [root, ...following.keys()]) if (!state.has(id)) visit(id);
  const position = new Map(done.reverse().map((id, number) => [id, number]));
  const layer = new Map(done.map((id) => [id, 0]));
  for (const id of done) {
    for (const next of following.get(id)) {
      if (position.get(next) > position.get(id)) layer.set(next, Math.max(layer.get(next), layer.get(id) + 1));
    }
  }
  return layer;
}

function columnsOf(nodes, layer) {
  const found = new Map();
  for (const node of nodes) {
    const number = layer.get(node.id);
    found.set(number, [...(found.get(number) ?? []), node]);
  }
  return [...found.keys()].sort((a, b) => a - b).map((number) => found.get(number));
}

/** Sort each column by where its neighbours are, a few times forth and back. */
function order(columns, edges) {
  const neighbours = new Map();
  for (const [from, to] of edges) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  const at = new Map();
  const note = (column) => column.forEach((node, number) => at.set(node.id, (number + 0.5) / column.length));
  columns.forEach(note);
  const centre = (node) => {
    const found = (neighbours.get(node.id) ?? []).filter((id) => at.has(id)).map((id) => at.get(id));
    return found.length ? found.reduce((sum, one) => sum + one, 0) / found.length : at.get(node.id);
  };
  for (let round = 0; round < 6; round++) {
    for (const column of round % 2 ? [...columns].reverse() : columns) {
      const centres = new Map(column.map((node) => [node, centre(node)]));
      column.sort((a, b) => centres.get(a) - centres.get(b));
      note(column);
    }
  }
}

/** Give every node of the columns a place, smaller columns in the middle; returns where the next column would be. */
function placeColumns(columns, places) {
  const step = NODE.height + NODE.above;
  const tallest = Math.max(...columns.map((column) => column.length));
  let x = 20;
  for (const column of columns) {
    const spread = Math.min(tallest / column.length, 2) * step;
    const top = 16 + (tallest * step - column.length * spread) / 2 + (spread - step) / 2;
    const widths = column.map((node) => measure(node.text) + NODE.pad);
    column.forEach((node, number) => places.set(node.id, { x, y: top + number * spread, width: widths[number] }));
    x += Math.max(...widths) + NODE.between;
  }
  return x - NODE.between + 20;
}

/** Give shared nodes places in lines; returns the height of the image. */
function placeShared(nodes, places, top, wide) {
  let x = 20, y = top;
  for (const node of nodes) {
    const width = measure(node.text) + NODE.pad;
    if (x + width > wide - 20) { x = 20; y += NODE.height + NODE.above; }
    places.set(node.id, { x, y, width });
    x += width + NODE.above;
  }
  return nodes.length ? y + NODE.height + 16 : top - 40;
}
