import { setDifferenceOf, type GuardRule } from '../rule.ts';

const ADDRESS =
  /\b[a-z][a-z\d+.-]*:\/\/[^\s"'<>]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:[a-z\d-]+\.)+(?:com|org|net|io|dev|edu|gov|co|ai|app|info|de|uk|fr|in)\b(?:\/[^\s"'<>]*)?|(?<=^|\s)[~.]?\/[\w.-]+(?:\/[\w.-]*)*|\b[A-Za-z]:\\[^\s]+|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/gi;

/** URLs, domains, mail addresses, IP addresses and file paths. */
export const addresses: GuardRule = {
  name: 'address',
  difference: (a, b) => setDifferenceOf(addressesIn(a.text), addressesIn(b.text)),
  examples: {
    apart: [
      ['Summarise https://example.org/a', 'Summarise https://example.org/b'],
      ['Who owns example.com?', 'Who owns example.org?'],
      ['What is /etc/passwd?', 'What is /etc/shadow?'],
      ['Is 10.0.0.1 private?', 'Is 8.8.8.8 private?'],
      ['Is a@example.com valid?', 'Is b@example.com valid?'],
    ],
    alike: [
      ['Who owns example.com?', 'Who is the owner of example.com?'],
      ['Is it and/or?', 'Is it and / or?'],
    ],
  },
};

function addressesIn(text: string): string[] {
  return Array.from(text.matchAll(ADDRESS), ([address]) => address.replace(/[.,;:!?)]+$/, '').toLowerCase());
}
