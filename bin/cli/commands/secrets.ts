import type { Command } from "commander";
import { hashSourceKey } from "../../../src/core/source-key.ts";
import { loadConfig } from "../../load-config.ts";
import { action, type Cli, type CommonOptions, print, type Screen } from "../cli.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { type SecretFields, type SecretForm, secretFormOf, secretForms } from "../secret-form.ts";
import { fieldsIn, openSecrets } from "../secret-store.ts";
import { chooseAccess, type StackOptions, secretNameIn } from "../stack-access.ts";

type Options = StackOptions & CommonOptions;

interface Checked {
  readonly id: string;
  readonly kind: SecretForm["kind"];
  readonly secret: string;
  readonly ok: boolean;
  readonly problem?: string;
}

/** Adds `secrets`. */
export function addSecrets(program: Command, cli: Cli): void {
  const secrets = program.command("secrets").description("credentials of destinations and keys of sources");
  placed(secrets.command("check [lane-or-source]"))
    .description("which fields are missing or malformed; values are never shown")
    .action(action(cli, (options: Options, id: string | undefined) => check(cli, options, id)));
  placed(secrets.command("set <lane-or-source> [fields...]"))
    .description("write fields into a secret, beside those that it has")
    .option("--hash", "of a source: replace its keys by their digests, once the senders have them")
    .addHelpText("after", SET_HELP)
    .action(
      action(cli, (options: Options & { readonly hash?: boolean }, id: string, fields: readonly string[]) =>
        options.hash === true ? hash(cli, options, id) : set(cli, options, id, fields),
      ),
    );
}

const SET_HELP = `
Values never stand on the command line. A person is asked for each field; else standard input is the value of the one
named field, or a JSON object of fields:
  tracklayer secrets set google-ads serviceAccountKey --stack TrackLayer-production < key.pem
  tracklayer secrets set meta < meta.json`;

function placed(command: Command): Command {
  return command
    .option("--deployed", "of the deployed stack of tracklayer.config.ts, with your AWS credentials")
    .option("--region <region>", "its AWS region");
}

async function check(cli: Cli, options: Options, id: string | undefined) {
  const config = await loadConfig();
  const access = chooseAccess(options, config);
  const forms = id === undefined ? secretForms(config) : [secretFormOf(config, id)];
  const store = openSecrets(access);
  try {
    const checked = forms.map(async (form): Promise<Checked> => {
      const secret = secretNameIn(access.environment, config, form.secretName);
      const problem = form.problem(await store.read(secret));
      return {
        id: form.id,
        kind: form.kind,
        secret,
        ok: problem === undefined,
        ...(problem === undefined ? {} : { problem }),
      };
    });
    const items = await Promise.all(checked);
    print(cli, options, { items }, checkLines);
    return items.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
  } finally {
    store.close();
  }
}

function checkLines({ items }: { readonly items: readonly Checked[] }, { paint }: Screen): string[] {
  return items.map(({ id, secret, ok, problem }) =>
    ok ? `${paint("good", "ok")}       ${id}  ${secret}` : `${paint("bad", "problem")}  ${id}  ${problem}`,
  );
}

async function set(cli: Cli, options: Options, id: string, names: readonly string[]) {
  const config = await loadConfig();
  const access = chooseAccess(options, config);
  const form = secretFormOf(config, id);
  const given = await givenFields(cli, form, names);
  return write(cli, options, { access, config, form }, (before) => ({ ...before, ...given }));
}

/** Digests in place of keys, the previous one's too; nothing else changes. */
async function hash(cli: Cli, options: Options, id: string) {
  const config = await loadConfig();
  const access = chooseAccess(options, config);
  const form = secretFormOf(config, id);
  if (form.kind !== "source") throw new CliError("--hash is for the keys of a source.", EXIT.usage);
  return write(cli, options, { access, config, form }, ({ key, previousKey, ...others }) => ({
    ...others,
    ...(key ? { keySha256: hashSourceKey(key) } : {}),
    ...(previousKey ? { previousKeySha256: hashSourceKey(previousKey) } : {}),
  }));
}

async function write(
  cli: Cli,
  options: Options,
  {
    access,
    config,
    form,
  }: { access: ReturnType<typeof chooseAccess>; config: Awaited<ReturnType<typeof loadConfig>>; form: SecretForm },
  change: (before: SecretFields) => SecretFields,
) {
  const store = openSecrets(access);
  try {
    const secret = secretNameIn(access.environment, config, form.secretName);
    const after = change(await store.read(secret));
    await store.write(secret, after);
    const problem = form.problem(after);
    const written = {
      secret,
      where: access.where,
      fields: Object.keys(after),
      ...(problem === undefined ? {} : { problem }),
    };
    print(cli, options, written, (it, { paint }) => [
      `Written to ${it.secret} of ${it.where}; it holds ${it.fields.join(", ")}.`,
      "The functions read it within 5 minutes; a stopped lane with its next probe.",
      ...(it.problem === undefined ? [] : [`${paint("wait", "not complete")}  ${it.problem}`]),
    ]);
    return EXIT.ok;
  } finally {
    store.close();
  }
}

async function givenFields({ terminal }: Cli, form: SecretForm, names: readonly string[]): Promise<SecretFields> {
  // Whoever writes field=value has just put a secret into the shell's history: it must not get any further.
  if (names.some((name) => !/^[A-Za-z][A-Za-z0-9]*$/.test(name))) {
    throw new CliError("Name fields only, without values: they are asked for.", EXIT.usage);
  }
  const asked = names.length > 0 ? names : [...form.required, ...(form.oneOf[0] ?? [])];
  if (!terminal.canAsk) {
    const text = await terminal.input();
    const [name] = names;
    if (names.length === 1 && name !== undefined) return { [name]: nonEmpty(text.replace(/\r?\n$/, ""), name) };
    return fieldsIn(text, "standard input");
  }
  const fields: Record<string, string> = {};
  for (const name of asked) {
    const value = await terminal.askSecret(`${name} (empty: leave as it is): `);
    if (value.trim() !== "") fields[name] = value.trim();
  }
  if (Object.keys(fields).length === 0) throw new CliError("No field was given; nothing was written.", EXIT.failed);
  return fields;
}

function nonEmpty(text: string, name: string): string {
  if (text === "") throw new CliError(`Nothing came for ${name}; nothing was written.`, EXIT.usage);
  return text;
}
