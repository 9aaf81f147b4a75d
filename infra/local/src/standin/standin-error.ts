/** A refusal in the shape of OpenAI's API. */
export class StandinError extends Error {
  readonly status: number;
  readonly param: string | null;
  readonly code: string | null;

  constructor(status: number, message: string, options: { param?: string; code?: string } = {}) {
    super(message);
    this.name = 'StandinError';
    this.status = status;
    this.param = options.param ?? null;
    this.code = options.code ?? null;
  }

  /** The body to send. */
  toBody(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    const type = this.status >= 500 ? 'server_error' : 'invalid_request_error';
    return { error: { message: this.message, type, param: this.param, code: this.code } };
  }
}
