import { describe, expect, test } from 'vitest';
import { isEnglish } from './is-english.ts';

describe('English is', () => {
  test.each([
    ['a question', 'How do I reset a password?'],
    ['one with a contraction', "What isn't allowed on a plane?"],
    ['a phrase without any function word', 'reset password'],
    ['a phrase with a short form', '2FA setup'],
    ['a question about a foreign word', 'What does Schadenfreude mean?'],
    ['one about foreign function words', 'What is the difference between "der" and "die" in this sentence?'],
    ['one with letters of another script', 'What is the value of π in the Greek α?'],
    ['one with accents', 'Is a café more expensive than a bar?'],
    ['one with words that other languages have too', 'Was water in war so expensive?'],
    ['one with names', 'Who is older, Angela Merkel or Barack Obama?'],
    ['one with an address', 'Who owns example.de and bob@mein.com?'],
  ])('%s: %s', (_what, text) => {
    expect(isEnglish(text)).toBe(true);
  });
});

describe('English is not', () => {
  test.each([
    ['another script', 'Как включить звук?'],
    ['a text with more of another script than a word', 'What is the приветствие?'],
    ['a text with function words of another language', 'Darf man Hunden Schokolade geben?'],
    ['one of them among words that English has too', 'Was man in Berlin nicht isst'],
    ['more of them than of English ones', 'The house que se'],
    ['a phrase of words that nobody knows', 'Kontostand abfragen'],
    ['a phrase with other letters, known as its other words are', 'house bank menú'],
    ['a sentence of a language without a list', 'Paano magpalit ng password?'],
    ['one word of English among words that nobody knows', 'Paano the magpalit nang kontrasenyas?'],
  ])('%s: %s', (_what, text) => {
    expect(isEnglish(text)).toBe(false);
  });
});
