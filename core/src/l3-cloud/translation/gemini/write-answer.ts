import type { LanguageModelV4Content } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import type { AnswerLabel, ModelAnswer } from '../surface.port.ts';
import { answerOf, callPart, filePart, finishReasonOf, textPart, usageOf } from './answer-members.ts';

/** A plain answer with one candidate. */
export function writeAnswer(answer: ModelAnswer, label: AnswerLabel): JsonObject {
  const named = { ...label, model: answer.response?.modelId ?? label.model };
  const finishReason = finishReasonOf(answer.finishReason.unified);
  const parts = joined(answer.content.flatMap(partsOf));
  return { ...answerOf(named, parts, { finishReason }), ...usageOf(answer.usage) };
}

function partsOf(part: LanguageModelV4Content): JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'reasoning': {
      const said = textPart(part.text, part.type === 'reasoning', part.providerMetadata);
      return part.text === '' && said['thoughtSignature'] === undefined ? [] : [said];
    }
    case 'tool-call':
      return part.providerExecuted === true ? [] : [callPart(part)];
    case 'file':
      return [filePart(part)];
    default:
      // What a provider did by itself is told by its answer.
      return [];
  }
}

/** Texts of one kind that follow each other are one, up to one that is signed: pieces of a stream cannot be told from them. */
function joined(parts: readonly JsonObject[]): JsonObject[] {
  const all: JsonObject[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (last === undefined || !goesOn(last, part)) all.push(part);
    else all[all.length - 1] = { ...last, ...part, text: `${textOf(last)}${textOf(part)}` };
  }
  return all;
}

function goesOn(last: JsonObject, part: JsonObject): boolean {
  const areTexts = typeof last['text'] === 'string' && typeof part['text'] === 'string';
  return areTexts && last['thoughtSignature'] === undefined && last['thought'] === part['thought'];
}

function textOf({ text }: JsonObject): string {
  return typeof text === 'string' ? text : '';
}
