import { setDifferenceOf, type GuardRule } from '../rule.ts';

const CURRENCIES: readonly (readonly [string, RegExp])[] = [
  ['usd', /(?<![A-Z])\$|\b(?:usd|us dollars?|dollars?|bucks)\b/i],
  ['eur', /€|\b(?:eur|euros?)\b/i],
  ['gbp', /£|\b(?:gbp|pounds sterling|quid)\b/i],
  ['inr', /₹|\b(?:inr|rupees?|rs)\b/i],
  ['jpy', /¥|\b(?:jpy|yen)\b/i],
  ['cny', /\b(?:cny|rmb|yuan|renminbi)\b/i],
  ['chf', /\b(?:chf|francs?)\b/i],
  ['cad', /\bcad\b|C\$|\bcanadian dollars?\b/i],
  ['aud', /\baud\b|A\$|\baustralian dollars?\b/i],
  ['btc', /₿|\b(?:btc|bitcoins?)\b/i],
  ['eth', /\b(?:eth|ether|ethereum)\b/i],
  ['cent', /¢|\bcents?\b/i],
  ['pound', /\bpounds?\b/i],
];

/** Kinds of money, by sign, code or name. */
export const currencies: GuardRule = {
  name: 'currency',
  difference: (a, b) => setDifferenceOf(currenciesOf(a.text), currenciesOf(b.text)),
  examples: {
    apart: [
      ['What can I buy for $10?', 'What can I buy for €10?'],
      ['Who prints euros?', 'Who prints dollars?'],
      ['How is bitcoin taxed?', 'How is ethereum taxed?'],
    ],
    alike: [
      ['What can I buy for $10?', 'What can I buy for 10 dollars?'],
      ['Who prints euros?', 'Who prints EUR?'],
    ],
  },
};

function currenciesOf(text: string): string[] {
  return CURRENCIES.flatMap(([name, sign]) => (sign.test(text) ? [name] : []));
}
