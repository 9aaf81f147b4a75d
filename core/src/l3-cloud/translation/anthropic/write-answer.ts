import type { LanguageModelV4Content } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { calledWith } from '../neutral/tool-input.ts';
import type { AnswerLabel, ModelAnswer } from '../surface.port.ts';
import { emptyMessage, stopReasonOf, toolUseId, usageOf } from './message-members.ts';
import { thoughtsBlock } from './thoughts-block.ts';
import { sealData } from './seal-block.ts';

/** A plain message. */
export function writeAnswer(answer: ModelAnswer, label: AnswerLabel): JsonObject {
  const content = answer.content.flatMap(blocksOf);
  const called = content.some(({ type }) => type === 'tool_use');
  return {
    ...emptyMessage({ ...label, model: answer.response?.modelId ?? label.model }),
    content,
    stop_reason: stopReasonOf(answer.finishReason.unified, called),
    usage: usageOf(answer.usage),
  };
}

function blocksOf(part: LanguageModelV4Content): JsonObject[] {
  switch (part.type) {
    case 'text':
      if (part.text === '') return sealed(part.providerMetadata, true);
      return [{ type: 'text', text: part.text }, ...sealed(part.providerMetadata)];
    case 'reasoning':
      return [thoughtsBlock(part.text, part.providerMetadata)];
    case 'tool-call': {
      if (part.providerExecuted === true) return [];
      const { toolCallId, toolName: name } = part;
      const call = { type: 'tool_use', id: toolUseId(toolCallId), name, input: calledWith(part.input) };
      return [call, ...sealed(part.providerMetadata)];
    }
    default:
      // What a provider did by itself is told by its answer; Anthropic's messages hold no files.
      return [];
  }
}

function sealed(metadata: Parameters<typeof sealData>[0], isAlone = false): JsonObject[] {
  const data = sealData(metadata, isAlone);
  return data === undefined ? [] : [{ type: 'redacted_thinking', data }];
}
