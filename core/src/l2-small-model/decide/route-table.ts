import type { RequestContext } from '../../pipeline/request-context.ts';
import { AUTO_MODEL } from '../../upstream/prepare-call.ts';
import type { Decider } from './decider.port.ts';

/** Which requests a row is about, and who decides about them; what is undefined may be anything. */
export interface Route {
  readonly model: string | undefined;
  readonly tenant: string | undefined;
  readonly header: { readonly name: string; readonly value: string } | undefined;
  readonly decider: Decider;
}

/** What of a request the table looks at. */
export type Routed = Pick<RequestContext, 'principal' | 'request' | 'header'>;

/** Who decides about a request: the first row that is about it, else the usual decider. */
export class RouteTable {
  constructor(
    private readonly routes: readonly Route[],
    private readonly usual: Decider,
  ) {}

  deciderOf(context: Routed): Decider {
    return this.routes.find((route) => isAbout(route, context))?.decider ?? this.usual;
  }
}

function isAbout({ model, tenant, header }: Route, context: Routed): boolean {
  return (
    (model === undefined || model === (context.request.model ?? AUTO_MODEL)) &&
    (tenant === undefined || tenant === context.principal.tenant) &&
    (header === undefined || header.value === context.header(header.name))
  );
}
