type Level<Below> = Map<string, Below>;

/**
 * The key of a series made of its labels. One text is made of each combination and no more: to put it together, and to
 * hash it, for every request costs more than to look it up label by label. Labels are of closed, small sets (see
 * `closed-labels.ts`), and so is what is kept here.
 */
export class JoinedKeys {
  private readonly known: Level<Level<Level<Level<string>>>> = new Map();

  of(a: string, b: string, c = '', d = ''): string {
    const last = below(below(below(this.known, a), b), c);
    let key = last.get(d);
    if (key === undefined) {
      key = `${a} ${b} ${c} ${d}`;
      last.set(d, key);
    }
    return key;
  }
}

function below<Below>(level: Level<Level<Below>>, label: string): Level<Below> {
  let next = level.get(label);
  if (next === undefined) {
    next = new Map();
    level.set(label, next);
  }
  return next;
}
