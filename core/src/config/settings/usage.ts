import { priceMap } from '../price-map-type.ts';
import { setting } from '../setting.ts';
import { wholeNumber } from '../value-types.ts';

/** What requests use, and what it costs. */
export const USAGE_SETTINGS = {
  prices: setting({
    path: 'prices',
    type: priceMap(),
    default: undefined,
    defaultText: 'the list prices of the models that Isartor knows',
    doc: 'Prices of models, in the place of the list prices and beside them. A dated version of a model has the price of its family, unless it has one of its own.',
  }),
  usageKeepDays: setting({
    path: 'usage.keep_days',
    type: wholeNumber(1, 400),
    default: 31,
    doc: 'Days for which the hourly counters of `GET /api/v1/usage` are kept: in Redis where `exact_cache.provider` is `redis`, else in memory, until the process ends.',
  }),
};
