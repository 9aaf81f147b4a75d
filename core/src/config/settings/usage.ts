import { priceMap } from '../price-map-type.ts';
import { setting } from '../setting.ts';

/** What answers cost. */
export const USAGE_SETTINGS = {
  prices: setting({
    path: 'prices',
    type: priceMap(),
    default: undefined,
    defaultText: 'the list prices of the models that Isartor knows',
    doc: 'Prices of models, in the place of the list prices and beside them. A dated version of a model has the price of its family, unless it has one of its own.',
  }),
};
