import type { FaultAnswer } from './fault-answers.ts';
import { FORMS, type Form, type Outcome } from './outcome.ts';
import type { Surface } from './surfaces.ts';

/** How and when a client leaves. */
export type Leaving = `${'closes' | 'resets'} ${'before' | 'in the middle'}`;

/** What the client of a case does. */
export type Act =
  'asks' | 'asks while nobody listens' | 'asks twenty-fold' | 'reads slowly' | 'stops reading' | Leaving;

/**
 * Where Isartor is looked at: the core alone; the whole stack as `npm start` runs it, behind wrangler's development
 * proxy; the Worker in bare workerd with a core behind it, where that proxy would hide what the Worker does.
 */
export type Site = 'core' | 'stack' | 'workerd';

/** What must be seen in each form. */
export type Must = Readonly<Partial<Record<Form, Outcome>>>;

/** One fault, and what must come of it. */
export interface FaultCase {
  readonly title: string;
  /** Where it is asked; OpenAI's chat where nothing else is said. */
  readonly surface?: Surface;
  readonly act: Act;
  readonly answer: FaultAnswer;
  /** Bytes of a body that the provider sent as its whole answer although it is none. */
  readonly sentBytes?: (form: Form) => number;
  /** At the core; a form that is missing there does not exist. */
  readonly must: Must;
  /** Where the edge is looked at, and what differs there. */
  readonly edge: 'stack' | 'workerd';
  readonly mustAtEdge?: Must;
  /** Only about the edge. */
  readonly edgeOnly?: true;
}

/** One row of the table. */
export interface Row {
  readonly fault: FaultCase;
  readonly form: Form;
}

/** Every case in each of its forms. */
export function rowsOf(cases: readonly FaultCase[]): Row[] {
  return cases.flatMap((fault) => FORMS.filter((form) => fault.must[form]).map((form) => ({ fault, form })));
}

/** Whether a row is looked at there. */
export function isAt(site: Site, { fault }: Row): boolean {
  return site === 'core' ? fault.edgeOnly !== true : fault.edge === site;
}

/** What must be seen there. */
export function mustBe(site: Site, { fault, form }: Row): Outcome | undefined {
  return (site === 'core' ? undefined : fault.mustAtEdge?.[form]) ?? fault.must[form];
}
