/** A step that a log told, newest last. */
export interface TailLine {
  readonly at: number;
  readonly service: string;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}
