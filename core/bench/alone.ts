import type { Row } from './row.ts';

/** A row with nothing beside it. */
export function alone(
  { id, what, unit }: Pick<Row, 'id' | 'what' | 'unit'>,
  ours: number | undefined,
  aim?: Row['aim'],
): Row {
  return {
    id,
    what,
    unit,
    against: '',
    ours: ours ?? Number.NaN,
    theirs: Number.NaN,
    ratio: Number.NaN,
    better: 'less',
    ...(aim === undefined ? {} : { aim }),
  };
}
