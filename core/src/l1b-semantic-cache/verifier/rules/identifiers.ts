import { setDifferenceOf, type GuardRule } from '../rule.ts';

const IDENTIFIERS: readonly RegExp[] = [
  // snake_case, kebab with a dash before it, paths of calls and members
  /[\p{L}\p{N}]*_[\p{L}\p{N}_]+/gu,
  /(?<![\p{L}\p{N}-])--?[\p{L}][\p{L}\p{N}-]*/gu,
  /[\p{L}\p{N}]+(?:(?:::|->)[\p{L}\p{N}]+)+/gu,
  /[\p{L}\p{N}.]+\(\)/gu,
  // camelCase and PascalCase
  /\b\p{Ll}+\p{Lu}[\p{L}\p{N}]*\b|\b\p{Lu}\p{Ll}+\p{Lu}[\p{L}\p{N}]*\b/gu,
  // letters with digits: S3, HTTP2, iPhone7, v1.2.3, ISO-8601
  /\b(?=[\p{L}\p{N}-]*\p{L})(?=[\p{L}\p{N}-]*\p{N})[\p{L}\p{N}]+(?:[-.][\p{L}\p{N}]+)*\b/gu,
  // files, and names with signs in them
  /\b[\p{L}\p{N}-]+\.(?:[a-z]{1,4}\d?)\b(?!\.)/gu,
  /\b[A-Za-z]+(?:\+\+|#)/g,
  /(?:^|\s)[@#$][\p{L}\p{N}_]+/gu,
  // operators: signs of mathematics; signs that stand by themselves or before a word, between words, and a factorial
  /[\p{Sm}^*\\]+[\p{Sm}^*\\!:&/-]*/gu,
  /(?<=\s)(?:[!-/:-@[-`{-~]{2,}|[-/%&@#$;])(?=\s)/g,
  /(?<![^\s("'])(?!:\s+\p{Lu})(?:[!:%]+|&&+)/gu,
  /(?<=[\p{L}\p{N})])(?:[!%]+|::+|&&+)(?=[\p{L}\p{N}(=-])/gu,
  /(?<=\p{N})!+(?![^\s?])/gu,
  // escapes as `\d`, and derivatives as `f''`
  /\\\p{L}+/gu,
  /(?<![\p{L}\p{N}'])\p{L}'+(?![\p{L}'])/gu,
];
/** Numbers with a unit or an ending are the numbers' and the dates' business. */
const MEASURE = /^\d+(?:\.\d+)?(?:st|nd|rd|th|k|m|bn|am|pm|s)$/i;

/** Code, names of variables and files, flags, model and version numbers, hashtags: to the letter. */
export const identifiers: GuardRule = {
  name: 'identifier',
  difference: (a, b) => setDifferenceOf(identifiersIn(a.text), identifiersIn(b.text)),
  examples: {
    apart: [
      ['What does max_length do?', 'What does min_length do?'],
      ['How do I use useState?', 'How do I use useEffect?'],
      ['Is C# hard to learn?', 'Is C++ hard to learn?'],
      ['What is EC2?', 'What is S3?'],
      ['What is in package.json?', 'What is in tsconfig.json?'],
      ['What does ls -a do?', 'What does ls -l do?'],
      ['What is the difference of == in JavaScript', 'What is the difference of === in JavaScript'],
      ['What does arr.push() return?', 'What does arr.pop() return?'],
      ['What does ! do in JavaScript?', 'What does !! do in JavaScript?'],
      ['JavaScript operator !', 'JavaScript operator !!'],
      ['What does :: mean in C++?', 'What does : mean in C++?'],
      ['How is ::before styled?', 'How is :before styled?'],
      ['What is 2^3?', 'What is 2*3?'],
      ['What is the derivative of x^2?', 'What is the derivative of x^-2?'],
      ['What is a&&b in C?', 'What is a&b in C?'],
      ['What is 5!?', 'What is 5?'],
      ['What does a?.b mean', 'What does a.b mean'],
      ['What does ?? do in PHP?', 'What does ?: do in PHP?'],
      ['What does $? mean in bash?', 'What does $! mean in bash?'],
      ['What is .. in a path?', 'What is . in a path?'],
      ['What does @ mean in Python?', 'What does # mean in Python?'],
      ['What does \\d match?', 'What does \\D match?'],
      ["What is f' in physics?", "What is f'' in physics?"],
      ['When is a \u2264 b?', 'When is a < b?'],
    ],
    alike: [
      ['What does max_length do?', 'What is max_length for?'],
      ['What is EC2?', 'What is EC2 used for?'],
      ['Excel : How do I add a row?', 'Excel: How do I add a row?'],
      ['Help me reset a password!!', 'Help me reset a password!'],
      ['Is 50% enough?', 'Is 50 percent enough?'],
      ['Is it open at 3:30?', 'Is it open at 3:30'],
      ['Is R&D costly?', 'Is it costly, R&D?'],
      ['Was it the 2nd time?', 'Was it the second time?'],
    ],
  },
};

function identifiersIn(text: string): string[] {
  return IDENTIFIERS.flatMap((pattern) => Array.from(text.matchAll(pattern), ([found]) => found.trim())).filter(
    (found) => !MEASURE.test(found),
  );
}
