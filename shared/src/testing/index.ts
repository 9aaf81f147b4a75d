// For tests of every workspace; imports vitest and node:, so no shipped code may use it.
export { messageBody, messageError, messageStream, namedSteps } from './anthropic-answers.ts';
export { responseBody, responseStream } from './response-answers.ts';
export { geminiBody, geminiError, geminiStream } from './gemini-answers.ts';
export {
  chatBody,
  chatStream,
  completionBody,
  embeddingBody,
  errorAnswer,
  jsonAnswer,
  modelsBody,
  wellBehaved,
} from './answers.ts';
export { exactCacheContract, type ExactCacheUnderTest } from './exact-cache.contract.ts';
export { type FakeAnswer, type FakeHeaders, type FakeStep, type RecordedRequest } from './fake-answer.ts';
export {
  fakeUpstream,
  refusingUrl,
  type FakeResponder,
  type FakeUpstream,
  type FakeUpstreamOptions,
} from './fake-upstream.ts';
export {
  chatRequests,
  chatStreams,
  geminiStreams,
  messageStreams,
  plainChats,
  plainGemini,
  plainMessages,
  readRecorded,
  responseRequests,
  responseStreams,
  type RecordedStream,
} from './recorded-traffic.ts';
export {
  chatRequest,
  completionRequest,
  geminiRequest,
  embeddingRequest,
  messageRequest,
  nativeRequest,
  responseRequest,
} from './requests.ts';
