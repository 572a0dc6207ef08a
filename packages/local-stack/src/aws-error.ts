/** An error as an AWS service answers it: `code` is the exception name that SDKs put in `error.name`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members of the error's own shape, beside the message. */
  readonly members: Readonly<Record<string, unknown>>;
  /** Code in the `x-amzn-query-error` header, which SQS clients prefer to `__type`. */
  readonly queryCode: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { status?: number; members?: Readonly<Record<string, unknown>>; queryCode?: string } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.members = options.members ?? {};
    this.queryCode = options.queryCode;
  }
}
