import type { Reading } from '../reading.ts';
import { Vocabulary } from '../vocabulary.ts';
import { setDifferenceOf, type GuardRule } from '../rule.ts';

const UNITS = new Vocabulary([
  'millimetre: mm millimeter millimeters millimetre millimetres',
  'centimetre: cm cms centimeter centimeters centimetre centimetres',
  'metre: meter meters metre metres',
  'kilometre: km kms kilometer kilometers kilometre kilometres',
  'inch: inch inches',
  'foot: foot feet ft',
  'yard: yard yards',
  'mile: mile miles',
  'gram: gram grams',
  'kilogram: kg kgs kilo kilos kilogram kilograms',
  'ounce: oz ounce ounces',
  'weight pound: lb lbs',
  'tonne: ton tons tonne tonnes',
  'litre: liter liters litre litres',
  'millilitre: ml milliliter milliliters',
  'gallon: gallon gallons',
  'cup: cup cups',
  'celsius: celsius centigrade',
  'fahrenheit: fahrenheit',
  'kelvin: kelvin',
  'bit: bit bits',
  'byte: byte bytes',
  'kilobyte: kb kilobyte kilobytes',
  'megabyte: mb megabyte megabytes',
  'gigabyte: gb gigabyte gigabytes',
  'terabyte: tb terabyte terabytes',
  'watt: watt watts',
  'volt: volt volts',
  'hertz: hz hertz',
  'megahertz: mhz',
  'gigahertz: ghz',
  'millisecond: ms millisecond milliseconds',
  'second: seconds sec secs',
  'minute: minute minutes min mins',
  'hour: hour hours hr hrs hourly',
  'day: day days daily',
  'week: week weeks weekly',
  'month: month months monthly',
  'year: year years yearly annual annually',
  'decade: decade decades',
  'century: century centuries',
  'per cent: percent percentage',
  'acre: acre acres',
  'hectare: hectare hectares',
  'mph: mph',
  'kmh: kmh kph km/h',
  'knot: knot knots',
  'teaspoon: teaspoon teaspoons tsp',
  'tablespoon: tablespoon tablespoons tbsp',
  'pint: pint pints',
  'quart: quart quarts',
  'psi: psi',
  'bar: bar bars',
  'milligram: mg milligram milligrams',
  'microgram: mcg microgram micrograms',
  'mbps: mbps',
  'gbps: gbps',
  'mebibyte: mib',
  'gibibyte: gib',
  'joule: joule joules',
  'degree: degree degrees',
  'radian: radian radians',
  'stone: stones',
  'word: words',
  'page: pages',
  'night: night nights nightly',
  'microsecond: microsecond microseconds',
  'nanometre: nm nanometer nanometers nanometre nanometres',
  'micrometre: micrometer micrometers micrometre micrometres micron microns',
  'square: square',
  'calorie: calorie calories kcal',
]);

const PERCENT_SIGN = /\p{N}\s?%/u;

/** Units of measure and spans of time, whatever their spelling. */
export const units: GuardRule = {
  name: 'unit',
  difference: (a, b) => setDifferenceOf(unitsOf(a), unitsOf(b)),
  examples: {
    apart: [
      ['Convert 5 miles to kilometers', 'Convert 5 miles to meters'],
      ['How many grams are in a cup?', 'How many ounces are in a cup?'],
      ['What should I eat in a day?', 'What should I eat in a week?'],
      ['What is 10% of 5?', 'What is 10 of 5?'],
      ['water boils at what temperature in celsius', 'water boils at what temperature in fahrenheit'],
    ],
    alike: [
      ['Convert 5 miles to kilometers', 'Convert 5 miles to km'],
      ['Is 50% enough?', 'Is 50 percent enough?'],
      ['How many hours does it take?', 'How many hrs does it take?'],
    ],
  },
};

/** `min` may be short for something else, and `in what year` asks when. */
function unitsOf({ text, words }: Reading): string[] {
  const units = words.flatMap((word, at) => {
    const before = words[at - 1] ?? '';
    if ((word === 'min' || word === 'ml') && !/\d$/.test(before)) return [];
    if (/^(?:what|which)$/.test(before) && /^(?:year|day|month)$/.test(word)) return [];
    return UNITS.classOf(word) ?? [];
  });
  return PERCENT_SIGN.test(text) ? [...units, 'per cent'] : units;
}
