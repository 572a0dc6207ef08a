import { RemovalPolicy, Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { LambdaFunction } from "./lambda-function.ts";

const KEY_LENGTH = 64;

/**
 * The key that seals e-mail and phone in the identity table, `{"key": "..."}`: there only while a lane takes them in
 * clear. It ends with the last such lane, in production too, and what it sealed is then nobody's to read.
 */
export class ContactsKey extends Construct {
  private readonly secret: Secret;

  constructor(scope: Construct, id: string, { secretName }: { readonly secretName: string }) {
    super(scope, id);
    this.secret = new Secret(this, "Secret", {
      secretName,
      description: "TrackLayer: the key of e-mail and phone in the identity table",
      generateSecretString: {
        secretStringTemplate: "{}",
        generateStringKey: "key",
        passwordLength: KEY_LENGTH,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.secret).acknowledge({
      id: "AwsSolutions-SMG4",
      reason:
        "What a former key sealed cannot be read by a new one: it is rotated by hand with `previousKey`, which opens the old texts until they are sealed anew.",
    });
  }

  /** Lets a function seal and open contacts. */
  grantRead(user: LambdaFunction): void {
    user.allow(
      {},
      new PolicyStatement({ actions: ["secretsmanager:GetSecretValue"], resources: [this.secret.secretArn] }),
    );
  }
}
