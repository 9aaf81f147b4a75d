import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { aiSdkClient } from './ai-sdk.ts';
import { anthropicClient } from './anthropic.ts';
import { chatClient } from './chat.ts';
import { geminiClient } from './gemini.ts';
import { responsesClient } from './responses.ts';
import type { SdkClient } from './sdk-client.ts';

/** The official clients of a gateway. */
export function sdkClients(origin: string, key: string): readonly SdkClient[] {
  const openai = new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, maxRetries: 0 });
  const anthropic = new Anthropic({ baseURL: origin, apiKey: key, maxRetries: 0 });
  const google = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: origin } });
  return [
    chatClient(openai),
    responsesClient(openai),
    anthropicClient(anthropic),
    geminiClient(google),
    aiSdkClient(origin, key),
  ];
}
