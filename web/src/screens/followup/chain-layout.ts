/* Where the people of a chain of contacts stand on the drawing: one column a generation, in the order met. Pure. */
import type { Chain, ChainNode } from '../../api/front';

export const COLUMN = 150;
export const LINE = 64;
export const BOX = { width: 118, height: 44 };
const MARGIN = 12;

export interface Placed extends ChainNode {
  x: number;
  y: number;
}

export interface Drawing {
  width: number;
  height: number;
  generations: number;
  nodes: Placed[];
  links: { from: Placed; to: Placed; relation?: string; on?: string }[];
}

export function layout(chain: Chain): Drawing {
  const columns = new Map<number, ChainNode[]>();
  for (const n of chain.nodes) {
    columns.set(n.generation, [...(columns.get(n.generation) ?? []), n]);
  }
  const generations = Math.max(0, ...columns.keys());
  const tallest = Math.max(1, ...[...columns.values()].map((c) => c.length));
  const placed = new Map<string, Placed>();
  for (const [g, list] of columns) {
    const top = MARGIN + ((tallest - list.length) * LINE) / 2;
    for (const [i, n] of list.entries()) {
      placed.set(n.subject, { ...n, x: MARGIN + g * COLUMN, y: top + i * LINE });
    }
  }
  const links = chain.links.flatMap((l) => {
    const from = placed.get(l.from);
    const to = placed.get(l.to);
    return from && to ? [{ from, to, relation: l.relation, on: l.on }] : [];
  });
  return {
    width: 2 * MARGIN + generations * COLUMN + BOX.width,
    height: 2 * MARGIN + (tallest - 1) * LINE + BOX.height,
    generations,
    nodes: [...placed.values()],
    links,
  };
}

/** The line between two people: from side to side, or past the side when they stand in one column. */
export function path(a: Placed, b: Placed): string {
  const [from, to] = a.x <= b.x ? [a, b] : [b, a];
  const y1 = from.y + BOX.height / 2;
  const y2 = to.y + BOX.height / 2;
  if (from.x === to.x) {
    const x = from.x + BOX.width;
    return `M${x} ${y1}C${x + 24} ${y1} ${x + 24} ${y2} ${x} ${y2}`;
  }
  const x1 = from.x + BOX.width;
  const mid = (x1 + to.x) / 2;
  return `M${x1} ${y1}C${mid} ${y1} ${mid} ${y2} ${to.x} ${y2}`;
}
