/** An error of the API: a code for programs, a sentence for people, and what to do where that is known. */
export interface OpsError {
  readonly error: string;
  readonly message: string;
  readonly todo?: string;
  readonly request_id: string;
}
