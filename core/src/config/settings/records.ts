import { setting } from '../setting.ts';
import { byteSize, flag, oneLine, wholeNumber } from '../value-types.ts';

/** The record of prompts and answers, which nobody has who does not ask for it. */
export const RECORD_SETTINGS = {
  recordDir: setting({
    path: 'request_log.dir',
    type: oneLine(),
    default: undefined,
    defaultText: 'none (no prompt and no answer is written anywhere)',
    doc: 'A folder for a record of requests and answers, a JSON line each, in files that only their owner may read.',
  }),
  recordMask: setting({
    path: 'request_log.mask',
    type: flag(),
    default: true,
    doc: 'Masks what looks like a key, an e-mail address, a number of seven digits and more, an IBAN or an IP address.',
  }),
  recordTextBytes: setting({
    path: 'request_log.text_bytes',
    type: byteSize(0),
    default: '4 KiB',
    unit: 'bytes',
    doc: 'How much of a request, and of its answer, is recorded.',
  }),
  recordFileBytes: setting({
    path: 'request_log.file_bytes',
    type: byteSize(65_536),
    default: '64 MiB',
    unit: 'bytes',
    doc: 'Size past which a new file is begun; each day begins one too.',
  }),
  recordTotalBytes: setting({
    path: 'request_log.total_bytes',
    type: byteSize(65_536),
    default: '1 GiB',
    unit: 'bytes',
    doc: 'Size of all files past which the oldest are removed.',
  }),
  recordKeepDays: setting({
    path: 'request_log.keep_days',
    type: wholeNumber(1, 3_650),
    default: 7,
    doc: 'Days after which a file is removed.',
  }),
};
