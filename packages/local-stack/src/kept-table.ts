import type { DynaliteEngine, TableDefinition } from "./dynalite-engine.ts";
import type { TableModel } from "./model.ts";

/**
 * Brings a table of an earlier run in line with its model, as a deployment would: new and changed indexes are built from
 * the items. Killed half way, the next start does it again. Other keys would mean another table, and are refused.
 */
export async function updateKeptTable(engine: DynaliteEngine, model: TableModel): Promise<void> {
  const kept = await engine.definition(model.name);
  if (
    shapeOf(kept.KeySchema, kept) !== shapeOf(model.keySchema, { AttributeDefinitions: model.attributeDefinitions })
  ) {
    throw new Error(
      `${model.logicalId}: the kept table ${model.name} has other keys; a deployment would replace it, and its items would be gone`,
    );
  }
  const keptIndexes = new Map((kept.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName, index]));
  const isKept = (index: TableModel["globalSecondaryIndexes"][number]) => {
    const old = keptIndexes.get(index.IndexName);
    const wanted = { AttributeDefinitions: model.attributeDefinitions };
    return (
      old?.IndexStatus === "ACTIVE" &&
      shapeOf(old.KeySchema, kept) === shapeOf(index.KeySchema, wanted) &&
      JSON.stringify(old.Projection) === JSON.stringify(index.Projection)
    );
  };
  const built = model.globalSecondaryIndexes.filter((index) => !isKept(index));
  const names = new Set(model.globalSecondaryIndexes.filter(isKept).map(({ IndexName }) => IndexName));
  const dropped = [...keptIndexes.keys()].filter((name) => !names.has(name));
  if (built.length === 0 && dropped.length === 0) return;
  for (const name of dropped) await engine.dropIndex(model.name, name);
  await engine.define(model, new Set(built.map(({ IndexName }) => IndexName)));
  if (built.length > 0) await writeAnew(engine, model.name);
  await engine.define(model, new Set());
}

/** Keys with their types. */
function shapeOf(
  keys: TableModel["keySchema"],
  { AttributeDefinitions }: Pick<TableDefinition, "AttributeDefinitions">,
): string {
  const typeOf = (name: string) => AttributeDefinitions.find((it) => it.AttributeName === name)?.AttributeType;
  return JSON.stringify(keys.map(({ AttributeName, KeyType }) => [AttributeName, KeyType, typeOf(AttributeName)]));
}

/** A write puts an item into every index of its table, also one that looks the same as before. */
async function writeAnew(engine: DynaliteEngine, TableName: string): Promise<void> {
  let start: Record<string, unknown> = {};
  for (;;) {
    const page = await engine.run("Scan", { TableName, ...start });
    for (const Item of page.Items as Record<string, unknown>[]) await engine.run("PutItem", { TableName, Item });
    if (page.LastEvaluatedKey === undefined) return;
    start = { ExclusiveStartKey: page.LastEvaluatedKey };
  }
}
