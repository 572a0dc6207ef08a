const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BITS_PER_LETTER = 6;

/** Whether the text is base64url without padding, as consent strings are written, and not empty. */
export function isBase64Url(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text);
}

/**
 * Reads whole numbers out of base64url text, most significant bit first. Consent strings end where their last field does,
 * which need not be at a byte: what `Buffer` drops there may be an answer.
 */
export class BitReader {
  readonly #sextets: Uint8Array;
  #at = 0;
  #isSpent = false;

  constructor(text: string) {
    this.#sextets = Uint8Array.from(text, (letter) => ALPHABET.indexOf(letter));
  }

  /** True once more was asked for than there is; what was read beyond the end is 0. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Where the next bit is read, in bits from the start. */
  get at(): number {
    return this.#at;
  }

  /** The next `width` bits as a number; at most 30. */
  take(width: number): number {
    let value = 0;
    for (let index = 0; index < width; index += 1) value = (value << 1) | this.bit(this.#at + index);
    this.skip(width);
    return value;
  }

  /** A time as consent strings hold it, 36 bits of tenths of seconds; epoch ms, 0 where none was written. */
  takeTime(): number {
    const high = this.take(18);
    return (high * 2 ** 18 + this.take(18)) * 100;
  }

  skip(width: number): void {
    this.#at += width;
    if (this.#at > this.#sextets.length * BITS_PER_LETTER) this.#isSpent = true;
  }

  /** One bit, wherever it is; 0 beyond the end. */
  bit(at: number): 0 | 1 {
    const sextet = this.#sextets[Math.floor(at / BITS_PER_LETTER)] ?? 0;
    return ((sextet >> (BITS_PER_LETTER - 1 - (at % BITS_PER_LETTER))) & 1) === 1 ? 1 : 0;
  }
}
