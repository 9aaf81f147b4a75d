import type { Config } from '../../config/config.ts';
import { ClassifierDecider } from './classifier-decider.ts';
import type { Decider } from './decider.port.ts';
import { FixedDecider } from './fixed-decider.ts';
import { ProbeDecider } from './probe-decider.ts';
import { RouteTable } from './route-table.ts';
import { readRoutingHead, type RoutingHead } from './routing-head.ts';

/** The deciders of a configuration. Throws an Error where one needs a file that is damaged. */
export function createRouteTable({ smallModel }: Pick<Config, 'smallModel'>): RouteTable {
  let head: RoutingHead | undefined;
  const deciderOf = (decide: Config['smallModel']['decide'], threshold = smallModel.threshold): Decider => {
    switch (decide) {
      case 'always':
        return new FixedDecider(true);
      case 'never':
        return new FixedDecider(false);
      case 'probe':
        return new ProbeDecider(threshold);
      case 'classifier':
        return new ClassifierDecider((head ??= readRoutingHead()), threshold);
      default:
        return decide satisfies never;
    }
  };
  const routes = smallModel.routes.map(({ decide, threshold, ...about }) => ({
    ...about,
    decider: deciderOf(decide, threshold),
  }));
  return new RouteTable(routes, deciderOf(smallModel.decide));
}
