import { z } from 'zod';
import { decidingRows } from './deciding-rows.ts';
import { unknownMember } from './listed-records.ts';
import { decimalNumber, oneLine } from './value-types.ts';

/** One row of the route table: which requests it is about, and how is decided about them. */
export interface ListedRoute {
  /** Undefined: any. Requests that name no model have the name `isartor/auto`. */
  readonly model: string | undefined;
  readonly tenant: string | undefined;
  /** Its name in lower case, and the value it must have. */
  readonly header: { readonly name: string; readonly value: string } | undefined;
  readonly decide: 'probe' | 'classifier' | 'always' | 'never';
  /** Undefined: the usual one. */
  readonly threshold: number | undefined;
}

const DECIDE = { probe: 'probe', classifier: 'classifier', l2: 'always', l3: 'never' } as const;

const MEMBERS = {
  model: oneLine(),
  tenant: oneLine(),
  header: oneLine()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}=.{1,256}$/)
    .describe('a header and its value, such as x-team=search'),
  decide: z.enum(['probe', 'classifier', 'l2', 'l3']).describe('`probe`, `classifier`, `l2` or `l3`'),
  threshold: decimalNumber(0, 1),
};
const RECORD = z.strictObject({
  model: MEMBERS.model.optional(),
  tenant: MEMBERS.tenant.optional(),
  header: MEMBERS.header.optional(),
  decide: MEMBERS.decide,
  threshold: MEMBERS.threshold.optional(),
});
const DESCRIPTIONS: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.entries(MEMBERS).map(([name, type]) => [name, type.description]),
);

/** The route table: JSON text, or the same as a YAML list. The first row that is about a request decides about it. */
export function routeList() {
  return decidingRows<ListedRoute>({
    read: (item, place) => {
      const record = RECORD.safeParse(item);
      if (!record.success) return { fault: describeIssue(place, record.error.issues) };
      const row = fromRecord(record.data);
      if (row.threshold !== undefined && (row.decide === 'always' || row.decide === 'never')) {
        return { fault: `${place}.threshold has no meaning beside "${record.data.decide}"; leave one of them out` };
      }
      return { row };
    },
    covers,
    doc: 'a JSON list of {"model"?,"tenant"?,"header"?:"NAME=VALUE","decide":"probe"|"classifier"|"l2"|"l3","threshold"?}, or the same in YAML',
  });
}

/** Whether every request that the one is about is decided by the other, which comes before it. */
function covers(earlier: ListedRoute, later: ListedRoute): boolean {
  return (
    (earlier.model === undefined || earlier.model === later.model) &&
    (earlier.tenant === undefined || earlier.tenant === later.tenant) &&
    (earlier.header === undefined ||
      (earlier.header.name === later.header?.name && earlier.header.value === later.header.value))
  );
}

/** The place of a fault and its remedy; never a value. */
function describeIssue(item: string, issues: readonly z.core.$ZodIssue[]): string {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined) return `${item} ${unknownMember(unknown, Object.keys(MEMBERS))}`;
  const member = issues[0]?.path[0];
  const place = [item, ...(issues[0]?.path ?? [])].join('.');
  return `${place} is missing or not usable; write ${DESCRIPTIONS[String(member)] ?? 'an object'}`;
}

function fromRecord({ model, tenant, header, decide, threshold }: z.output<typeof RECORD>): ListedRoute {
  const at = header?.indexOf('=') ?? -1;
  return {
    model,
    tenant,
    header: header === undefined ? undefined : { name: header.slice(0, at).toLowerCase(), value: header.slice(at + 1) },
    decide: DECIDE[decide],
    threshold,
  };
}
