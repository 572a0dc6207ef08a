import { signInFieldsProblem } from "../../core/credential-form.ts";
import type { DestinationRequest } from "../../core/destination.ts";
import { refreshTokenRequest } from "../../core/oauth.ts";

/**
 * LinkedIn's access tokens live 60 days. Only apps that it approved for that get refresh tokens, which end after a year.
 * https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
 */
const TOKEN_URL = "https://www.linkedin.com/oauth/v2/accessToken";

/** A token of the account, used as it is until LinkedIn ends it, or what a new one is fetched with. */
export const CREDENTIAL_SETS = [["accessToken"], ["clientId", "clientSecret", "refreshToken"]] as const;

type Secret = Readonly<Record<string, string>>;

/** What is wrong with the fields of the way to sign in that the secret holds. */
export function signInProblem(secret: Secret): string | undefined {
  const { clientId = "", clientSecret = "", refreshToken = "", accessToken = "" } = secret;
  const fields = isRefreshed(secret) ? { clientId, clientSecret, refreshToken } : { accessToken };
  return signInFieldsProblem(fields, "LinkedIn");
}

/** A refresh token goes before an access token when the secret holds both: that one is older by now. */
export function tokenRequest(secret: Secret): DestinationRequest | undefined {
  const { clientId = "", clientSecret = "", refreshToken = "" } = secret;
  return isRefreshed(secret) ? refreshTokenRequest(TOKEN_URL, { clientId, clientSecret, refreshToken }) : undefined;
}

function isRefreshed({ clientId, clientSecret, refreshToken }: Secret): boolean {
  return Boolean(clientId && clientSecret && refreshToken);
}
