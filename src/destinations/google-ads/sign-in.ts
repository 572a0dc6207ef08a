import { signInFieldsProblem } from "../../core/credential-form.ts";
import type { DestinationRequest } from "../../core/destination.ts";
import { privateKeyProblem, refreshTokenRequest, serviceAccountRequest } from "../../core/oauth.ts";

const TOKEN_URL = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/datamanager";

/** A service account with access to the Ads account, or a person's consent to an OAuth client. */
export const CREDENTIAL_SETS = [
  ["serviceAccountEmail", "serviceAccountKey"],
  ["clientId", "clientSecret", "refreshToken"],
] as const;

type Secret = Readonly<Record<string, string>>;

/** What is wrong with the fields of the way to sign in that the secret holds. */
export function signInProblem(secret: Secret): string | undefined {
  const {
    serviceAccountEmail = "",
    serviceAccountKey = "",
    clientId = "",
    clientSecret = "",
    refreshToken = "",
  } = secret;
  if (serviceAccountEmail !== "" && serviceAccountKey !== "") {
    if (!/^[^\s@]+@[^\s@]+$/.test(serviceAccountEmail)) return "serviceAccountEmail is not an e-mail address";
    return privateKeyProblem(serviceAccountKey, "serviceAccountKey");
  }
  return signInFieldsProblem({ clientId, clientSecret, refreshToken }, "Google");
}

/** The request for an access token; a service account goes before a refresh token when the secret holds both. */
export function tokenRequest(secret: Secret, now: number): DestinationRequest {
  const { serviceAccountEmail: email, serviceAccountKey: privateKey } = secret;
  if (email && privateKey) return serviceAccountRequest({ email, privateKey, scope: SCOPE, tokenUrl: TOKEN_URL, now });
  const { clientId = "", clientSecret = "", refreshToken = "" } = secret;
  return refreshTokenRequest(TOKEN_URL, { clientId, clientSecret, refreshToken });
}
