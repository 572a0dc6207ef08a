import { createHash } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** What an object is beside its bytes. */
export interface ObjectHead {
  readonly key: string;
  /** In quotes, as on the wire: the MD5 of the body. */
  readonly etag: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
  /** Response headers that came with the upload: content type and encoding, user metadata, checksum. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One page of a listing: keys, and what `delimiter` folds together. */
export interface ObjectPage {
  readonly objects: readonly ObjectHead[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page goes on; absent on the last one. */
  readonly next?: string;
}

/** What a page is asked for with. */
export interface ObjectQuery {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  /** Keys up to and including this one are left out. */
  readonly startAfter: string;
  /** `next` of the page before. */
  readonly continueFrom: string | undefined;
  readonly maxKeys: number;
}

/** The objects of all buckets, in one SQLite file or in memory. SQLite orders text by UTF-8 bytes, as S3 orders keys. */
export class ObjectStore {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #head: StatementSync;
  readonly #body: StatementSync;
  readonly #remove: StatementSync;
  readonly #list: StatementSync;

  constructor(file: string | undefined) {
    this.#database = new DatabaseSync(file ?? ":memory:");
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;");
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS object (bucket TEXT, key TEXT, etag TEXT, bytes INTEGER, modified INTEGER, headers TEXT, body BLOB, PRIMARY KEY (bucket, key))",
    );
    const columns = "key, etag, bytes, modified, headers";
    const one = "WHERE bucket = ? AND key = ?";
    this.#put = this.#database.prepare("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#head = this.#database.prepare(`SELECT ${columns} FROM object ${one}`);
    this.#body = this.#database.prepare(`SELECT body FROM object ${one}`);
    this.#remove = this.#database.prepare(`DELETE FROM object ${one}`);
    this.#list = this.#database.prepare(
      `SELECT ${columns} FROM object WHERE bucket = ? AND key > ? AND key >= ? ORDER BY key`,
    );
  }

  put(
    bucket: string,
    key: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    modifiedAtMs: number,
  ): ObjectHead {
    const etag = `"${createHash("md5").update(body).digest("hex")}"`;
    this.#put.run(bucket, key, etag, body.length, modifiedAtMs, JSON.stringify(headers), body);
    return { key, etag, bytes: body.length, modifiedAtMs, headers };
  }

  head(bucket: string, key: string): ObjectHead | undefined {
    const row = this.#head.get(bucket, key);
    return row === undefined ? undefined : headOf(row);
  }

  body(bucket: string, key: string): Buffer {
    const body = this.#body.get(bucket, key)?.body;
    return body instanceof Uint8Array ? Buffer.from(body) : Buffer.alloc(0);
  }

  remove(bucket: string, key: string): void {
    this.#remove.run(bucket, key);
  }

  list(bucket: string, query: ObjectQuery): ObjectPage {
    const { prefix, delimiter, startAfter, continueFrom, maxKeys } = query;
    const objects: ObjectHead[] = [];
    const commonPrefixes: string[] = [];
    let last = continueFrom;
    if (maxKeys === 0) return { objects, commonPrefixes };
    const after = continueFrom !== undefined && continueFrom > startAfter ? continueFrom : startAfter;
    for (const row of this.#list.iterate(bucket, after, prefix)) {
      const key = String(row.key);
      if (!key.startsWith(prefix)) break;
      const folded = commonPrefixOf(key, prefix, delimiter);
      // The rest of a fold that was told already, on this page or as the last thing of the one before.
      if (folded !== undefined && folded === last) continue;
      if (objects.length + commonPrefixes.length === maxKeys) {
        return { objects, commonPrefixes, ...(last === undefined ? {} : { next: last }) };
      }
      if (folded === undefined) objects.push(headOf(row));
      else commonPrefixes.push(folded);
      last = folded ?? key;
    }
    return { objects, commonPrefixes };
  }

  close(): void {
    this.#database.close();
  }
}

function commonPrefixOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (!delimiter) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function headOf(row: Readonly<Record<string, unknown>>): ObjectHead {
  return {
    key: String(row.key),
    etag: String(row.etag),
    bytes: Number(row.bytes),
    modifiedAtMs: Number(row.modified),
    headers: JSON.parse(String(row.headers)) as Record<string, string>,
  };
}
