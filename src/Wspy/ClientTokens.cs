namespace Wspy;

/// <summary>Makes the next request of a client, and gets the token that it needs from the application.</summary>
internal static class ClientTokens
{
    /// <summary>Blocks until the application has a token, if one is needed: it is its callback, and its thread.</summary>
    public static void Prepare(ClientAttempts attempts)
    {
        if (attempts.Authentication is { NeedsToken: true } authentication)
        {
            authentication.UseToken(attempts.Options.BearerToken!(authentication.RefusedToken, CancellationToken.None).AsTask().GetAwaiter().GetResult());
        }

        attempts.Prepare();
    }

    /// <summary>The same without blocking.</summary>
    public static async ValueTask PrepareAsync(ClientAttempts attempts, CancellationToken cancellationToken)
    {
        if (attempts.Authentication is { NeedsToken: true } authentication)
        {
            authentication.UseToken(await attempts.Options.BearerToken!(authentication.RefusedToken, cancellationToken).ConfigureAwait(false));
        }

        attempts.Prepare();
    }
}
