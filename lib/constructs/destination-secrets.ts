import { Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { ResolvedDestination } from "../../src/config/resolved-config.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { dataRemovalPolicy } from "./removal.ts";

export interface DestinationSecretsProps {
  readonly destinations: readonly ResolvedDestination[];
  readonly production: boolean;
}

/**
 * A place for each lane's credentials. The stack makes the secrets with an empty object so that their names, encryption
 * and permissions exist; a person fills them with `aws secretsmanager put-secret-value`. CloudFormation writes the value
 * only when the template's own text changes, so a later deployment leaves it alone.
 */
export class DestinationSecrets extends Construct {
  private readonly secrets = new Map<string, Secret>();

  constructor(scope: Construct, id: string, props: DestinationSecretsProps) {
    super(scope, id);
    for (const lane of props.destinations) {
      // Two lanes of one platform may share their credentials.
      if (!this.secrets.has(lane.secretName)) this.secrets.set(lane.secretName, this.addSecret(lane, props.production));
    }
  }

  /** Lets a lane read its own credentials. */
  grantRead(lane: ResolvedDestination, deliver: LambdaFunction): void {
    const secret = this.secrets.get(lane.secretName);
    if (secret === undefined) throw new Error(`no secret was made for the destination ${lane.id}`);
    deliver.allow(
      {},
      new PolicyStatement({ actions: ["secretsmanager:GetSecretValue"], resources: [secret.secretArn] }),
    );
  }

  private addSecret(lane: ResolvedDestination, production: boolean): Secret {
    const secret = new Secret(this, lane.id, {
      secretName: lane.secretName,
      description: `TrackLayer: credentials of the destination ${lane.id}; a flat JSON object`,
      secretObjectValue: {},
      removalPolicy: dataRemovalPolicy(production),
    });
    Validations.of(secret).acknowledge({
      id: "AwsSolutions-SMG4",
      reason: "The platform issues these credentials; there is nothing on our side that could make new ones.",
    });
    return secret;
  }
}
