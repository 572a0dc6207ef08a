import { DeleteItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Pointer } from "../core/identity.ts";
import { present } from "../core/present.ts";
import type { ErasableIdentityStore } from "../pipeline/identity-edit.ts";
import { packTouches } from "./campaign-text.ts";
import { type Item, isTaken } from "./dynamo-client.ts";
import {
  createDynamoPersons,
  type DynamoPersonsOptions,
  readIdentityItems,
  type StoredPerson,
} from "./dynamo-persons.ts";

/** The identity table: `id#<identifier>` leads to a person, `person#<id>` holds what is known. */
export function createDynamoIdentityStore(options: DynamoPersonsOptions): ErasableIdentityStore {
  const { client, table, now } = options;
  const nowSeconds = () => Math.floor(now() / 1_000);

  async function update(
    pk: string,
    input: Omit<ConstructorParameters<typeof UpdateItemCommand>[0], "TableName" | "Key">,
  ) {
    return isTaken(client.send(new UpdateItemCommand({ TableName: table, Key: { pk: { S: pk } }, ...input })));
  }

  async function remove(pk: string, condition: string, values: Item) {
    const ifAsRead = { ConditionExpression: condition, ExpressionAttributeValues: values };
    return isTaken(client.send(new DeleteItemCommand({ TableName: table, Key: { pk: { S: pk } }, ...ifAsRead })));
  }

  return {
    readPointers: (keys) => readIdentityItems(options, { ids: keys, prefix: "id#" }, parsePointer),
    ...createDynamoPersons(options),

    savePerson({ id, version, expires_at, contacts, touches, ...rest }) {
      const packed = packTouches(touches);
      const sealed = Object.keys(contacts).length === 0 ? undefined : contacts;
      const facts: StoredPerson = { ...rest, ...present({ contacts: sealed, touches: packed }) };
      return update(`person#${id}`, {
        UpdateExpression: "SET facts = :facts, version = :next, expires_at = :expires",
        ConditionExpression: version === 0 ? ABSENT : "version = :read",
        ExpressionAttributeValues: {
          ":facts": { S: JSON.stringify(facts) },
          ":next": { N: String(version + 1) },
          ":expires": seconds(expires_at),
          ...(version === 0 ? absentAt(nowSeconds()) : { ":read": { N: String(version) } }),
        },
      });
    },

    deletePerson: ({ id, version }) => remove(`person#${id}`, "version = :read", { ":read": { N: String(version) } }),

    deletePointer: (pointer) => remove(`id#${pointer.key}`, UNMOVED, asRead(pointer)),

    savePointer({ key, person_id, seen_with, beside, expires_at }, was) {
      return update(`id#${key}`, {
        UpdateExpression: "SET person_id = :person, seen_with = :seen, beside = :beside, expires_at = :expires",
        ConditionExpression: was === undefined ? ABSENT : UNMOVED,
        ExpressionAttributeValues: {
          ":person": { S: person_id },
          ":seen": { S: seen_with.join(" ") },
          ":beside": { S: beside.join(" ") },
          ":expires": seconds(expires_at),
          ...(was === undefined ? absentAt(nowSeconds()) : asRead(was)),
        },
      });
    },
  };
}

const ABSENT = "attribute_not_exists(pk) OR expires_at <= :now";

// What an older version stored has no `beside`.
const UNMOVED =
  "person_id = :was AND seen_with = :seenBefore AND (attribute_not_exists(beside) OR beside = :besideBefore)";

function asRead({ beside, person_id, seen_with }: Pointer): Item {
  return {
    ":was": { S: person_id },
    ":seenBefore": { S: seen_with.join(" ") },
    ":besideBefore": { S: beside.join(" ") },
  };
}

function absentAt(seconds: number): Item {
  return { ":now": { N: String(seconds) } };
}

function parsePointer(key: string, item: Item): Pointer {
  const list = (text = "") => (text === "" ? [] : text.split(" "));
  return {
    key,
    person_id: item.person_id?.S ?? "",
    seen_with: list(item.seen_with?.S),
    beside: list(item.beside?.S),
    expires_at: Number(item.expires_at?.N ?? 0) * 1_000,
  };
}

/** TTL takes whole epoch seconds. Rounded up, so that what comes back never seems to expire sooner than asked. */
function seconds(ms: number): { N: string } {
  return { N: String(Math.ceil(ms / 1_000)) };
}
