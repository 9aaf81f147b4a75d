import type { JsonObject } from '../json/json-value.ts';
import type { Operation } from '../operation.ts';
import type { Usage } from '../price/usage.ts';
import { messageUsage } from './anthropic/usage.ts';
import { answerUsage } from './gemini/usage.ts';
import { openAiUsage } from './openai/usage.ts';
import { responseUsage } from './responses/usage.ts';

/** The token counts of a plain answer, null where it has none or nothing is paid by the token. */
export function usageOf(operation: Operation, body: JsonObject): Usage | null {
  switch (operation) {
    case 'openai.responses':
      return responseUsage(body);
    case 'anthropic.messages':
      return messageUsage(body);
    case 'gemini.generate':
      return answerUsage(body);
    case 'anthropic.count_tokens':
      return null;
    default:
      return openAiUsage(operation, body);
  }
}
