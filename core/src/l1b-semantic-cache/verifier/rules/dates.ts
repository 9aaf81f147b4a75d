import type { Reading } from '../reading.ts';
import { setDifferenceOf, type GuardRule } from '../rule.ts';
import { Vocabulary } from '../vocabulary.ts';

const NAMES = new Vocabulary([
  'january: january jan',
  'february: february feb',
  'march: march',
  'april: april apr',
  'may: may',
  'june: june jun',
  'july: july jul',
  'august: august aug',
  'september: september sep sept',
  'october: october oct',
  'november: november nov',
  'december: december dec',
  'monday: monday mondays mon',
  'tuesday: tuesday tuesdays tue tues',
  'wednesday: wednesday wednesdays wed',
  'thursday: thursday thursdays thu thurs',
  'friday: friday fridays fri',
  'saturday: saturday saturdays sat',
  'sunday: sunday sundays sun',
  'weekday: weekday weekdays',
  'weekend: weekend weekends',
  'morning: morning mornings am',
  'noon: noon midday',
  'afternoon: afternoon afternoons pm',
  'evening: evening evenings',
  'night: night nights overnight',
  'midnight: midnight',
  'spring: spring',
  'summer: summer summers',
  'autumn: autumn fall',
  'winter: winter winters',
  'christmas: christmas xmas',
  'easter: easter',
]);
/** What is a word of its own as well counts with a capital, or beside a number, only. */
const AMBIGUOUS: ReadonlySet<string> = new Set([
  'march',
  'may',
  'am',
  'sun',
  'sat',
  'wed',
  'mon',
  'fall',
  'mar',
  'sep',
]);
const CLOCK = /\b\d{1,2}:\d{2}\b|\b\d{1,2}\s?(?:am|pm)\b|\b\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b/gi;

/** Months, weekdays, parts of the day, feasts, dates and times of day. */
export const dates: GuardRule = {
  name: 'date',
  difference: (a, b) => setDifferenceOf(datesOf(a), datesOf(b)),
  examples: {
    apart: [
      ['Is it hot in Rome in July?', 'Is it hot in Rome in August?'],
      ['Are banks open on Monday?', 'Are banks open on Sunday?'],
      ['Should I run in the morning?', 'Should I run in the evening?'],
      ['Is 3:30 a good time for tea?', 'Is 4:30 a good time for tea?'],
      ['What to wear in winter?', 'What to wear?'],
      ['What happened on 2001-09-11?', 'What happened on 2001-09-12?'],
      ['What is celebrated in May?', 'What is celebrated in March?'],
    ],
    alike: [
      ['Is it hot in Rome in Sept?', 'Is it hot in Rome in September?'],
      ['How may I learn French?', 'How can I learn French?'],
      ['Why do leaves fall?', 'Why do leaves drop?'],
    ],
  },
};

function datesOf({ text, written }: Reading): string[] {
  const names = written.flatMap((word, at) => {
    const lower = word.toLowerCase();
    if (AMBIGUOUS.has(lower) && (at === 0 || word === lower) && !/^\d/.test(written[at - 1] ?? '')) return [];
    return NAMES.classOf(lower) ?? [];
  });
  const clocks = Array.from(text.matchAll(CLOCK), ([time]) => time.toLowerCase().replaceAll(' ', ''));
  return [...names, ...clocks];
}
