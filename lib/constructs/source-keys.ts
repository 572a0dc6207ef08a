import { Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { ResolvedSource } from "../../src/config/resolved-config.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { dataRemovalPolicy } from "./removal.ts";

export interface SourceKeysProps {
  readonly sources: readonly ResolvedSource[];
  readonly production: boolean;
}

const KEY_LENGTH = 40;

/** One generated key for each source, in Secrets Manager: `{"key": "..."}`. */
export class SourceKeys extends Construct {
  private readonly secrets: readonly Secret[];

  constructor(scope: Construct, id: string, props: SourceKeysProps) {
    super(scope, id);
    this.secrets = props.sources.map((source) => this.addKey(source, props.production));
  }

  /** Lets ingest read the keys it compares with. */
  grantRead(ingest: LambdaFunction): void {
    if (this.secrets.length === 0) return;
    const resources = this.secrets.map((secret) => secret.secretArn);
    ingest.allow({}, new PolicyStatement({ actions: ["secretsmanager:GetSecretValue"], resources }));
  }

  private addKey(source: ResolvedSource, production: boolean): Secret {
    const secret = new Secret(this, source.id, {
      secretName: source.keySecretName,
      description: `TrackLayer: the ${source.kind} key of the source ${source.id}`,
      generateSecretString: {
        secretStringTemplate: "{}",
        generateStringKey: "key",
        passwordLength: KEY_LENGTH,
        excludePunctuation: true,
      },
      removalPolicy: dataRemovalPolicy(production),
    });
    Validations.of(secret).acknowledge({
      id: "AwsSolutions-SMG4",
      reason:
        "Senders hold this key: changing it behind their back would lose events. It is rotated by hand with `previousKey`, which keeps the old one valid meanwhile.",
    });
    return secret;
  }
}
