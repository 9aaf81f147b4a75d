/** What a figure should be. */
export interface Aim {
  readonly of: 'ratio' | 'cpu' | 'ours' | 'difference';
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One line of the table: a figure of ours beside the same figure of somebody else, taken in the same run. */
export interface Row {
  /** Stable: the committed ratios are found by it. */
  readonly id: string;
  readonly what: string;
  readonly against: string;
  readonly unit: string;
  /** Medians over the rounds. */
  readonly ours: number;
  readonly theirs: number;
  /** The median of the rounds' ratios, ours by theirs. */
  readonly ratio: number;
  /** CPU time of the whole process tree, in µs a request. */
  readonly cpu?: { readonly ours: number; readonly theirs: number; readonly ratio: number };
  readonly better: 'less' | 'more';
  readonly aim?: Aim;
  /** Figures steady enough on a shared machine to be held against the committed ones. */
  readonly checked?: 'ratio' | 'cpu' | 'ours';
}

/** The figure that an aim or a check speaks of. */
export function figureOf(row: Row, which: Aim['of']): number {
  switch (which) {
    case 'ratio':
      return row.ratio;
    case 'cpu':
      return row.cpu?.ratio ?? Number.NaN;
    case 'ours':
      return row.ours;
    case 'difference':
      return row.ours - row.theirs;
    default:
      return which satisfies never;
  }
}

/** Whether the aim is met; undefined without one. */
export function meetsAim(row: Row): boolean | undefined {
  if (row.aim === undefined) return undefined;
  const { of, atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY } = row.aim;
  const figure = figureOf(row, of);
  return figure <= atMost && figure >= atLeast;
}
